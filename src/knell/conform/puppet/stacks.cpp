#include "knell/conform/puppet/stacks.hpp"

namespace knell::conform::puppet {
namespace {

/// Each address space has its own.
std::uintptr_t first_stack_bottom = 0;

std::uintptr_t bottom_of(std::uint32_t number) {
  return number == 0 ? first_stack_bottom : address_of(stack_top(number));
}

void move_pointers(std::uintptr_t from, std::uintptr_t to, const Slot& parent, const Slot& child) {
  const auto old = address_of(&parent);
  const auto own = address_of(&child);
  for (std::uintptr_t at = from & ~(sizeof at - 1); at < to; at += sizeof at) {
    auto& value = *at_address<std::uintptr_t>(at);
    if (value - old < sizeof(Slot)) value += own - old;
  }
}

}  // namespace

void remember_first_stack(const long* bottom) {
  first_stack_bottom = address_of(bottom);
}

/// From the caller's frame on: what lies below it is this function's.
[[gnu::noinline]] void own_stack(const Slot& parent, const Slot& child) {
  const auto here = address_of(__builtin_frame_address(0));
  if (is_on_alternate_stack(here)) {
    const auto alternate = address_of(alternate_stack_of(child));
    move_pointers(here, alternate + kAltStackSize, parent, child);
    move_pointers(child.below_alternate, bottom_of(child.stack), parent, child);
  } else {
    move_pointers(here, bottom_of(child.stack), parent, child);
  }
}

}  // namespace knell::conform::puppet
