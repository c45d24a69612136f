#pragma once

#include <sys/mman.h>

#include <new>

#include "zoo/life.hpp"

namespace knell::zoo {

/// A zeroed T in memory that is shared with all children to come, until they exec.
template <typename T>
T& shared_with_children() {
  void* const memory =
      ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) give_up("map shared memory");
  return *new (memory) T{};
}

}  // namespace knell::zoo
