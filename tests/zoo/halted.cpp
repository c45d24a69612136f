/// Those that do not run: stopped, held by a tracer, frozen.

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

void live_stopped(const Life& life) {
  const pid_t child = start([&] {
    ::raise(SIGSTOP);
    life.rest();
  });
  ::waitpid(child, nullptr, WUNTRACED);
  life.stands(::getpid());
  ::raise(SIGSTOP);
  life.rest();
}

/// The child holds its parent: stopped now, and once more when it is about to exit.
void trace(const Life& life, pid_t parent) {
  const auto options = static_cast<unsigned long>(PTRACE_O_TRACEEXIT);
  if (::ptrace(PTRACE_SEIZE, parent, nullptr, options) != 0) give_up("trace its parent");
  if (::ptrace(PTRACE_INTERRUPT, parent, nullptr, nullptr) != 0) give_up("stop its parent");
  ::waitpid(parent, nullptr, __WALL);
  life.stands(parent);
  life.rest();
}

void live_traced(const Life& life) {
  ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);  // where Yama lets only parents trace
  const pid_t parent = ::getpid();
  start([&] { trace(life, parent); });
  life.rest();
}

}  // namespace

std::vector<Animal> halted() {
  return {{.name = "stopped",
           .what = "a process and its child, both stopped by SIGSTOP",
           .must = "both are gone",
           .live = live_stopped,
           .sign = Sign::stopped},
          {.name = "traced",
           .what = "a process held by a tracer (its child) now and when it is about to exit",
           .must = "both are gone",
           .live = live_traced,
           .sign = Sign::traced},
          {.name = "frozen-v2",
           .what = "a process and its child in a frozen control group (v2)",
           .must = "both are gone",
           .live = live_with_a_child,
           .enclosure = Enclosure::frozen_v2},
          {.name = "frozen-v1",
           .what = "a process and its child in a frozen group of the v1 freezer",
           .must = "the group is thawed, both are gone",
           .live = live_with_a_child,
           .enclosure = Enclosure::frozen_v1,
           .sign = Sign::uninterruptible}};
}

}  // namespace knell::zoo
