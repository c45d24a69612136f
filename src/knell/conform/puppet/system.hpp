#pragma once

/// What a puppet has instead of a C library: system calls as instructions. Nothing here touches
/// errno, thread-local storage, locks or the heap, so all of it may be interrupted by a handler and
/// copied by a fork anywhere.
///
/// This is x86-64; another machine needs this file, `entry.cpp` and `fault.cpp` anew.

#include <sys/syscall.h>

#include <cstdint>
#include <type_traits>

#include "knell/conform/shared.hpp"

namespace knell::conform::puppet {

/// An argument as the register has it.
template <class T>
long word(T value) {
  if constexpr (std::is_null_pointer_v<T>)
    return 0;
  else if constexpr (std::is_pointer_v<T>)
    return reinterpret_cast<long>(value);
  else
    return static_cast<long>(value);
}

/// Makes the call; returns what the kernel does, -errno of a failure.
template <class A = long, class B = long, class C = long, class D = long, class E = long,
          class F = long>
long system_call(long number, A a = {}, B b = {}, C c = {}, D d = {}, E e = {}, F f = {}) {
  register long r10 asm("r10") = word(d);
  register long r8 asm("r8") = word(e);
  register long r9 asm("r9") = word(f);
  long result = number;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(word(a)), "S"(word(b)), "d"(word(c)), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

/// What lies at an address that is known as a number.
template <class T>
T* at_address(std::uintptr_t address) {
  return reinterpret_cast<T*>(address);  // NOLINT(performance-no-int-to-ptr)
}
template <class T>
std::uintptr_t address_of(const T* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

inline Shared& shared() {
  return *at_address<Shared>(kSharedAddress);
}

/// The slot of the puppet that asks. It is looked up each time: behind a call of clone(2) the same
/// code goes on in two tasks.
inline Slot& self() {
  Slot* slot;
  asm volatile("mov %%fs:0, %0" : "=r"(slot));
  return *slot;
}

/// Ends the puppet: something is wrong that cannot be told otherwise. Its parent sees the code.
[[noreturn]] inline void give_up(int code) {
  for (;;) system_call(SYS_exit_group, code);
}

}  // namespace knell::conform::puppet
