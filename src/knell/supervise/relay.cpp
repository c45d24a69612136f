#include "knell/supervise/relay.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "knell/supervise/inbox.hpp"
#include "knell/supervise/job_control.hpp"

namespace knell::supervise {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class Relay {
public:
  Relay(Inbox inbox, pid_t supervisor, std::optional<Clock::time_point> deadline)
      : inbox_(std::move(inbox)), supervisor_(supervisor), deadline_(deadline) {}

  WaitStatus run() {
    while (true) {
      take_changes();
      if (status_) return *status_;
      pollfd open{.fd = inbox_.fd(), .events = POLLIN, .revents = 0};
      ::poll(&open, 1, -1);
      while (const auto info = inbox_.next()) take_signal(*info);
    }
  }

private:
  /// The children of before are waited for, too: nobody else can.
  void take_changes() {
    int word = 0;
    pid_t changed = 0;
    bool stopped = false;
    while ((changed = ::waitpid(-1, &word, WNOHANG | WUNTRACED | __WALL)) > 0) {
      if (changed != supervisor_ || status_) continue;
      stopped = WIFSTOPPED(word);
      if (!stopped) status_ = WaitStatus(word);
    }
    if (stopped) stop();
  }

  void stop() {
    std::optional<milliseconds> left;
    if (deadline_) left = std::chrono::ceil<milliseconds>(*deadline_ - Clock::now());
    stopped_ = true;
    stop_oneself(left);
  }

  void take_signal(const signalfd_siginfo& info) {
    const Signal signal(static_cast<int>(info.ssi_signo));
    const bool own = info.ssi_code == SI_TIMER || info.ssi_pid == static_cast<unsigned>(::getpid());
    if (signal == signals::kChld || own || came_to_all(info, Pid(supervisor_))) return;
    if (signal == signals::kCont && stopped_ && continues_already()) return;
    ::kill(supervisor_, signal.number());  // it has not been waited for
  }

  /// `fg` continues the whole process group.
  bool continues_already() {
    siginfo_t info{};
    stopped_ = false;
    return ::waitid(P_PID, static_cast<id_t>(supervisor_), &info, WCONTINUED | WNOHANG) == 0 &&
           info.si_pid == supervisor_;
  }

  Inbox inbox_;
  pid_t supervisor_;
  std::optional<Clock::time_point> deadline_;
  std::optional<WaitStatus> status_;
  bool stopped_ = false;  ///< the supervisor was, when it was last heard of
};

}  // namespace

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

Result<std::optional<WaitStatus>> relay(const Inherited& inherited,
                                        std::optional<milliseconds> timeout) {
  std::optional<Clock::time_point> deadline;
  if (timeout) deadline = Clock::now() + *timeout;
  Inbox inbox = KNELL_TRY(Inbox::open(inherited));
  const pid_t self = ::getpid();
  const pid_t supervisor = ::fork();
  if (supervisor < 0) return failure(errno, "start", "a supervisor");
  if (supervisor > 0) return Relay(std::move(inbox), supervisor, deadline).run();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != self) ::_exit(125);  // it ended before this was asked for
  return std::nullopt;
}

}  // namespace knell::supervise
