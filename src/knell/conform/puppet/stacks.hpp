#pragma once

/// The stacks of an address space, one pair for each task that may run in it: number 0 is for the
/// task that the kernel gave a stack at the program's start, which uses the alternate one only.

#include "knell/conform/puppet/system.hpp"

namespace knell::conform::puppet {

inline constexpr std::size_t kBothStacks = kStackSize + kAltStackSize;

inline std::uintptr_t stacks_of(std::uint32_t number) {
  return kStacksAddress + number * kBothStacks;
}
inline void* stack_top(std::uint32_t number) {
  return at_address<void>(stacks_of(number) + kBothStacks);
}
inline void* alternate_stack_of(const Slot& slot) {
  return at_address<void>(stacks_of(slot.stack));
}

/// Whether that address lies on an alternate stack.
inline bool is_on_alternate_stack(std::uintptr_t address) {
  const auto offset = address - kStacksAddress;
  return offset < kSlots * kBothStacks && offset % kBothStacks < kAltStackSize;
}

/// A task that has begun with a copy of the memory of `parent`, and so with its stack, on which
/// there are the frames of all handlers that the parent was in. Every pointer to the parent's slot
/// that lies there, in a variable or among the registers that a handler will restore, is to be one
/// to the task's own: what was begun in one task goes on in both.
void own_stack(const Slot& parent, const Slot& child);

/// Where the stack began that the kernel gave this program.
void remember_first_stack(const long* bottom);

}  // namespace knell::conform::puppet
