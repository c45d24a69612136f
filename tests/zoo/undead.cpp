/// Those that have ended already, and whose parent does not care.

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

constexpr std::uint64_t kZombies = 20;

void live_with_zombies(const Life& life) {
  for (std::uint64_t i = 0; i < life.count(); ++i) {
    const pid_t child = start([] {});
    siginfo_t info;
    ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
  }
  life.stands(::getpid());
  life.rest();
}

/// The one to be ended is what its parent, which ends first, leaves to init.
void leave_a_zombie_to_init(const Life& life) {
  const pid_t parent = ::getpid();
  start([&] {
    while (::getppid() == parent) ::sched_yield();
    life.stands(::getpid());
  });
}

}  // namespace

std::vector<Animal> undead() {
  return {{.name = "zombies",
           .what = "a parent of 20 zombies that waits for none of them",
           .must = "it is gone, and so are the zombies",
           .live = live_with_zombies,
           .count = kZombies},
          {.name = "zombie-under-init",
           .what = "a zombie whose parent is an init that does not wait",
           .must = "nothing: it has ended; knell says whom it waits for",
           .live = leave_a_zombie_to_init,
           .enclosure = Enclosure::deaf_init,
           .sign = Sign::zombie}};
}

}  // namespace knell::zoo
