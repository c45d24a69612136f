#include "knell/compat/timeout_group.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "knell/compat/kill_signals.hpp"
#include "knell/compat/locale.hpp"
#include "knell/compat/output.hpp"
#include "knell/supervise/inherited.hpp"
#include "knell/world/wait_status.hpp"

namespace knell::compat {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTimedOut = 124;
constexpr int kFailed = 125;
constexpr int kNotRunnable = 126;
constexpr int kNotFound = 127;
constexpr int kBySignal = 128;

/// Those that are waited for: what ends the command, and how it is passed on. Under nohup(1) HUP is
/// left ignored; the others are taken even where a shell ignores them for a background job.
sigset_t awaited(const supervise::Inherited& inherited, Signal last) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGALRM, SIGINT, SIGQUIT, SIGTERM, SIGCHLD}) ::sigaddset(&set, signal);
  if (!inherited.ignores(signals::kHup)) ::sigaddset(&set, SIGHUP);
  if (last.number() > 0) ::sigaddset(&set, last.number());
  return set;
}

std::string signal_text(Signal signal) {
  return signal_name(Style::coreutils, signal);
}

class Watch {
public:
  Watch(std::string_view program, const TimeoutRequest& request)
      : program_(program),
        request_(request),
        inherited_(supervise::Inherited::now()),
        awaited_(awaited(inherited_, request.signal)),
        signal_(request.signal),
        kill_after_(request.kill_after) {}

  int run() {
    if (!request_.foreground) ::setpgid(0, 0);  // a session's leader leads its group already
    std::signal(SIGCHLD, SIG_DFL);
    ::sigprocmask(SIG_BLOCK, &awaited_, nullptr);
    for (const int signal : {SIGTTIN, SIGTTOU}) std::signal(signal, SIG_IGN);
    child_ = ::fork();
    if (child_ < 0) return complain(program_, failed("fork system call failed")), kFailed;
    if (child_ == 0) become();
    if (request_.after) deadline_ = Clock::now() + *request_.after;
    return end(wait());
  }

private:
  static std::string failed(const std::string& what) { return what + ": " + reason_of(errno); }

  [[noreturn]] void become() {
    std::vector<char*> argv;
    argv.reserve(request_.command.size() + 1);
    for (const std::string& word : request_.command)
      argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    inherited_.restore();
    take_notice();
    ::execvp(argv[0], argv.data());
    const int status = errno == ENOENT ? kNotFound : kNotRunnable;
    complain(program_, failed("failed to run command '" + request_.command.front() + "'"));
    ::_exit(status);
  }

  /// As coreutils has it, the command hears of what ends it, although a shell had it ignored.
  void take_notice() {
    for (const int signal : {SIGALRM, SIGINT, SIGQUIT, SIGTERM}) std::signal(signal, SIG_DFL);
    if (request_.signal.number() > 0) std::signal(request_.signal.number(), SIG_DFL);
  }

  /// Until the command has ended, and passes on what comes.
  WaitStatus wait() {
    int word = 0;
    while (::waitpid(child_, &word, WNOHANG) != child_) {
      siginfo_t info{};
      const int signal = next_signal(info);
      if (signal <= 0 || signal == SIGCHLD || info.si_pid == ::getpid()) continue;
      if (signal == SIGALRM)
        time_is_up();
      else
        send(Signal(signal));
    }
    return WaitStatus(word);
  }

  /// SIGALRM also where the time is up; 0: something else woke it.
  int next_signal(siginfo_t& info) const {
    if (!deadline_) return std::max(::sigwaitinfo(&awaited_, &info), 0);
    const auto left = std::max<Nanoseconds>(*deadline_ - Clock::now(), Nanoseconds(0));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec time{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    const int signal = ::sigtimedwait(&awaited_, &info, &time);
    if (signal < 0) return errno == EAGAIN ? SIGALRM : 0;
    return signal;
  }

  void time_is_up() {
    timed_out_ = true;
    deadline_.reset();
    send(signal_);
  }

  /// The command has not been waited for, so its number is its own.
  void send(Signal signal) {
    if (kill_after_) {
      deadline_ = Clock::now() + *kill_after_;
      kill_after_.reset();
      signal_ = signals::kKill;
    }
    if (request_.verbose)
      complain(program_, "sending signal " + signal_text(signal) + " to command '" +
                             request_.command.front() + "'");
    send_to_all(signal);
    if (!request_.foreground && signal != signals::kKill && signal != signals::kCont)
      send_to_all(signals::kCont);
  }

  /// The command itself as well, for it may have made a group of its own.
  void send_to_all(Signal signal) const {
    ::kill(child_, signal.number());
    if (!request_.foreground) ::kill(0, signal.number());  // and to this process, which knows
  }

  int end(WaitStatus status) {
    const bool changed = timed_out_ && !request_.preserve_status;
    if (!status.by_signal()) return changed ? kTimedOut : status.code();
    if (status.dumped_core()) complain(program_, "the monitored command dumped core");
    if (!timed_out_) end_by(status.signal());
    const bool killed = status.signal() == signals::kKill;
    return changed && !killed ? kTimedOut : kBySignal + status.signal().number();
  }

  /// So that a shell sees how the command ended. Leaves no second core.
  static void end_by(Signal signal) {
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) return;
    std::signal(signal.number(), SIG_DFL);
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signal.number());
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    ::raise(signal.number());
  }

  std::string_view program_;
  const TimeoutRequest& request_;
  supervise::Inherited inherited_;
  sigset_t awaited_;
  Signal signal_;  ///< the next that is sent when the time is up
  std::optional<Nanoseconds> kill_after_;
  std::optional<Clock::time_point> deadline_;
  pid_t child_ = 0;
  bool timed_out_ = false;
};

}  // namespace

int run_with_group(std::string_view program, const TimeoutRequest& request) {
  return Watch(program, request).run();
}

}  // namespace knell::compat
