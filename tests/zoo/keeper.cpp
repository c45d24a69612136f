#include "zoo/keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "zoo/fence.hpp"
#include "zoo/inside.hpp"
#include "zoo/message.hpp"

namespace knell::zoo {
namespace {

constexpr std::int64_t kLongest = 600'000;  // milliseconds; only a broken machine comes near

volatile sig_atomic_t stop_asked_for = 0;

void ask_to_stop(int) {
  stop_asked_for = 1;
}

constexpr std::array kStops{SIGINT, SIGTERM, SIGHUP};

/// Blocked but while the keeper waits, so that none is missed.
void hold_stops(sigset_t& while_waiting) {
  sigset_t stops;
  sigemptyset(&stops);
  for (const int signal : kStops) {
    ::signal(signal, ask_to_stop);
    sigaddset(&stops, signal);
  }
  sigprocmask(SIG_BLOCK, &stops, &while_waiting);
  for (const int signal : kStops) sigdelset(&while_waiting, signal);
}

void let_stops_go() {
  sigset_t stops;
  sigemptyset(&stops);
  for (const int signal : kStops) {
    ::signal(signal, SIG_DFL);
    sigaddset(&stops, signal);
  }
  sigprocmask(SIG_UNBLOCK, &stops, nullptr);
}

/// clone(2) without a stack of its own: fork, into new namespaces.
pid_t fork_into_namespaces() {
  unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
  if (::geteuid() != 0) flags |= CLONE_NEWUSER;
  return static_cast<pid_t>(::syscall(SYS_clone, flags, 0, 0, 0, 0));
}

[[noreturn]] void be_init(const Job& job, const Fence& fence, int channel, uid_t user,
                          gid_t group) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "zoo-init");
  let_stops_go();
  Outcome outcome;
  if (user != 0 && !keep_own_number(user, group))
    outcome.skipped = fmt::format("cannot set up a user namespace: {}", std::strerror(errno));
  else
    outcome = keep_inside(job, fence, [&](pid_t target) { send_pid(channel, target); });
  send_outcome(channel, outcome);
  ::_exit(0);
}

constexpr const char* kEndedEarly = "its keeper ended early";

std::string how(int status) {
  return WIFSIGNALED(status) ? fmt::format(": {}", ::strsignal(WTERMSIG(status)))
                             : fmt::format(" with status {}", WEXITSTATUS(status));
}

void await(int channel, Outcome& outcome, const std::function<void(pid_t)>& stands,
           const sigset_t& while_waiting) {
  const std::int64_t end = now() + kLongest;
  outcome.skipped = kEndedEarly;
  for (std::int64_t left = kLongest; left > 0 && !interrupted(); left = end - now()) {
    pollfd readable{channel, POLLIN, 0};
    const timespec limit{left / 1000, left % 1000 * 1'000'000};
    if (::ppoll(&readable, 1, &limit, &while_waiting) <= 0) continue;
    const Message message = receive(channel);
    if (message.pid && stands) stands(*message.pid);
    if (message.outcome) outcome = *message.outcome;
    if (!message.pid) return;
  }
}

}  // namespace

bool have_own_mounts() {
  return ::geteuid() != 0 || (::unshare(CLONE_NEWNS) == 0 &&
                              ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
}

bool interrupted() {
  return stop_asked_for != 0;
}

Outcome keep(const Job& job, const std::function<void(pid_t)>& stands) {
  Outcome outcome;
  if (job.animal->who == Who::only_root && (job.user != 0 || ::geteuid() != 0))
    return {.skipped = "only root can be such an animal"};
  if (job.killer == Killer::knell_run && job.animal->enclosure == Enclosure::deaf_init)
    return {.skipped = "no zombie stays: knell run waits for orphans"};
  sigset_t while_waiting;
  hold_stops(while_waiting);
  const auto fence = Fence::build(job, outcome.skipped);
  if (!fence) return outcome;
  const auto [here, there] = make_channel();
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  const pid_t init = fork_into_namespaces();
  if (init == 0) be_init(job, *fence, there, user, group);
  ::close(there);
  if (init < 0)
    outcome.skipped = fmt::format("cannot make a pid namespace: {}", std::strerror(errno));
  else
    await(here, outcome, stands, while_waiting);
  ::close(here);
  fence->open();  // the frozen could not follow their init
  if (init > 0) {
    ::kill(init, SIGKILL);
    int status = 0;
    ::waitpid(init, &status, 0);
    if (outcome.skipped == kEndedEarly) outcome.skipped += how(status);
  }
  return outcome;
}

}  // namespace knell::zoo
