/// The process tree that `knell demo` ends: small, real, and with the corners on which people cut
/// themselves. Every process of it names itself, and all of them would end by themselves after a
/// minute if the demo were to fail.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "knell/cli/commands.hpp"

namespace knell::cli {
namespace {

constexpr unsigned kLifetime = 60;  // seconds

void name(const char* comm) {
  ::prctl(PR_SET_NAME, comm);
}

[[noreturn]] void live_on() {
  ::alarm(kLifetime);
  for (;;) ::pause();
}

/// Forks; the child runs `body` under its name and never returns.
template <class Body>
pid_t start(const char* comm, Body body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  name(comm);
  body();
  ::_exit(0);
}

void tell_ready(int ready) {
  const char done = '.';
  static_cast<void>(::write(ready, &done, 1));
}

/// A child, and a grandchild that ignores SIGTERM.
void worker(int ready) {
  start("demo-stubborn", [ready] {
    std::signal(SIGTERM, SIG_IGN);
    tell_ready(ready);
    live_on();
  });
  tell_ready(ready);
  live_on();
}

/// The way daemons are made: fork, setsid, fork again. The one in the middle ends, so nothing in
/// the process table leads from the stray back to its family.
void stray(int ready) {
  const pid_t middle = start("demo-middle", [ready] {
    ::setsid();
    start("demo-stray", [ready] {
      tell_ready(ready);
      live_on();
    });
  });
  ::waitpid(middle, nullptr, 0);
}

/// A child that ends at once; its parent does not wait for it.
void zombie(int ready) {
  const pid_t child = start("demo-zombie", [] {});
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);  // it is one by now
  tell_ready(ready);
}

}  // namespace

int run_demo_tree(int ready) {
  std::signal(SIGPIPE, SIG_DFL);
  ::fcntl(ready, F_SETFD, FD_CLOEXEC);
  name(kDemoParent);
  start("demo-worker", [ready] { worker(ready); });
  stray(ready);
  zombie(ready);
  ::close(ready);
  live_on();
}

}  // namespace knell::cli
