/// Of ten thousand processes most are not the one: passing them by costs no allocation.

#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "worlds.hpp"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace knell::select {
namespace {

TEST(Allocation, DoesNotGrowWithTheNumberOfProcesses) {
  const auto allocated_with = [](int processes, bool full, std::string_view word) {
    Machine machine;
    machine.filter.full = full;
    for (int pid = 1; pid <= processes; ++pid)
      machine.program(pid, "a-name-of-15-by", "/usr/lib/some/where/a-name-of-15-bytes",
                      "/usr/lib/some/where/a-name-of-15-bytes\0--and-a-long-argument\0"s);
    const std::vector<Target> words = targets({word});
    const std::size_t before = allocations;
    const auto selection = select(machine.world, words, machine.filter, machine.answers);
    const std::size_t after = allocations;
    EXPECT_EQ(selection.value().matches.size(), 0U);
    return after - before;
  };
  for (const std::string_view word : {"some-other-name", "a-name-of-15-bytes-and-more", "/other/"})
    for (const bool full : {false, true})
      EXPECT_EQ(allocated_with(10'000, full, word), allocated_with(10, full, word)) << word;
}

}  // namespace
}  // namespace knell::select
