/// Those that hear nothing: everything ignored, or everything blocked.

#include <unistd.h>

#include <csignal>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

void ignore_all() {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) ::signal(signal, SIG_IGN);
}

void block_all() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
}

void live_plainly(const Life& life) {
  life.stands(::getpid());
  life.rest();
}

void live_ignoring(const Life& life) {
  ignore_all();
  live_with_a_child(life);
}

void live_blocking(const Life& life) {
  block_all();
  live_with_a_child(life);
}

}  // namespace

std::vector<Animal> deaf() {
  return {{.name = "plain",
           .what = "one process that sleeps, to compare the others with",
           .must = "it is gone",
           .live = live_plainly},
          {.name = "ignores-all",
           .what = "two processes that ignore every signal they can",
           .must = "both are gone",
           .live = live_ignoring},
          {.name = "blocks-all",
           .what = "two processes that block every signal they can",
           .must = "both are gone",
           .live = live_blocking}};
}

}  // namespace knell::zoo
