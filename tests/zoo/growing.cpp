/// Trees that are deeper or wider than anybody expects.

#include <unistd.h>

#include <array>
#include <string>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

/// Linux remembers of each page from which ancestor it may come (anon_vma_fork of mm/rmap.c), which
/// costs memory with the square of the depth; exec makes it forget.
constexpr std::uint64_t kForksPerProgram = 50;

[[noreturn]] void go_on_as_new_program(const Life& life, std::uint64_t left) {
  const std::string count = std::to_string(left);
  const std::string ready = std::to_string(life.terms().ready);
  const std::string until = std::to_string(life.terms().until);
  const std::array<const char*, 11> words{
      "knell-zoo",   "--bare",  "deeper",      "--count",         count.c_str(), "--ready",
      ready.c_str(), "--until", until.c_str(), "--comm=zoo-deep", nullptr};
  ::execv("/proc/self/exe", const_cast<char**>(words.data()));
  give_up("run itself");
}

/// The caller and `count - 1` below it; the last one tells that they stand.
void live_deeper(const Life& life) {
  for (std::uint64_t left = life.count(), forks = 0; left > 1; --left, ++forks) {
    if (forks == kForksPerProgram) go_on_as_new_program(life, left);
    const pid_t child = ::fork();
    if (child < 0) give_up("fork");
    if (child > 0) life.rest();
  }
  life.stands(::getpid());
  life.rest();
}

void live_deep(const Life& life) {
  const Muster muster;
  start([&] {
    Life::Terms below = life.terms();
    below.ready = muster.fd();
    --below.count;
    live_deeper(Life(below));
  });
  muster.wait_for(1);
  life.stands(::getpid());
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
          {.name = "deeper",
           .what = "a part of deep",
           .must = "",
           .live = live_deeper,
           .part_of_another = true},
          {.name = "wide",
           .what = "one process with 10,000 children",
           .must = "all are gone",
           .live = live_wide,
           .count = 10'000}};
}

}  // namespace knell::zoo
