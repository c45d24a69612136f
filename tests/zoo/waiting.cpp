/// Those whose first thread is no help: it waits for a vfork child, or has ended.

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

void exit_politely(int) {
  ::_exit(0);
}

/// vfork(2) by its parts, as the C library's lets the child do next to nothing. The child runs in
/// its parent's memory, on the same stack, so it must not return.
void live_as_vfork_parent(const Life& life) {
  ::signal(SIGTERM, exit_politely);  // which must wait until the child has gone on
  const pid_t self = ::getpid();
  const pid_t child = ::vfork();  // NOLINT(bugprone-unsafe-functions): it is what is to be shown
  if (child < 0) give_up("vfork");
  if (child == 0) {
    ::signal(SIGTERM, SIG_IGN);
    life.stands(self);
    life.rest();
  }
  life.rest();
}

void* outlive_the_leader(void* life) {
  static_cast<const Life*>(life)->rest();
}

void live_without_leader(const Life& life) {
  for (int i = 0; i < 2; ++i) {
    pthread_t thread{};
    if (::pthread_create(&thread, nullptr, outlive_the_leader, const_cast<Life*>(&life)) != 0)
      give_up("start a thread");
  }
  life.stands(::getpid());
  ::syscall(SYS_exit, 0);  // of this thread alone
}

}  // namespace

std::vector<Animal> waiting() {
  return {{.name = "vfork-parent",
           .what = "a parent that waits in vfork, its TERM handler too, for a deaf child",
           .must = "both are gone",
           .live = live_as_vfork_parent,
           .sign = Sign::uninterruptible},
          {.name = "leader-gone",
           .what = "a process whose first thread has ended while two others live",
           .must = "it is gone, and not held for a zombie",
           .live = live_without_leader,
           .sign = Sign::zombie}};
}

}  // namespace knell::zoo
