/// Trees that are deeper or wider than anybody expects.

#include <unistd.h>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

void live_deep(const Life& life) {
  const Muster muster;
  const pid_t root = ::getpid();
  for (std::uint64_t depth = 1; depth < life.count(); ++depth) {
    const pid_t child = ::fork();
    if (child < 0) give_up("fork");
    if (child > 0 && ::getpid() == root) {
      muster.wait_for(1);
      life.stands(root);
    }
    if (child > 0) life.rest();
  }
  muster.here();
  life.rest();
}

void live_wide(const Life& life) {
  const Muster muster;
  for (std::uint64_t child = 0; child < life.count(); ++child)
    start([&] {
      muster.here();
      life.rest();
    });
  muster.wait_for(life.count());
  life.stands(::getpid());
  life.rest();
}

}  // namespace

std::vector<Animal> growing() {
  return {{.name = "deep",
           .what = "a tree in which each process has one child, 5,000 deep",
           .must = "all are gone",
           .live = live_deep,
           .count = 5000},
          {.name = "wide",
           .what = "one process with 10,000 children",
           .must = "all are gone",
           .live = live_wide,
           .count = 10'000}};
}

}  // namespace knell::zoo
