#pragma once

/// Where the kernel enters a puppet's program, and where it is left: in assembly.

#include <cstdint>

namespace knell::conform::puppet {

/// clone(2) with a stack of its own for the new task, which begins in `begin_on_own_stack`. Returns
/// in the caller only.
long clone_onto_stack(unsigned long flags, void* stack_top, void* number, void* thread_pointer);

/// The instructions that lead from a handler's return to the end of rt_sigreturn: who is stopped
/// among them is still in its handler, though `Slot::left` says otherwise.
extern "C" void knell_puppet_leaving();
extern "C" void knell_puppet_leaving_end();
/// What a handler returns to (sigaction's sa_restorer).
extern "C" void knell_puppet_restorer();

/// The program from its start; `stack` is as execve(2) left it.
extern "C" [[noreturn]] void knell_puppet_start(const long* stack);
/// A task that was cloned with a stack of its own.
extern "C" [[noreturn]] void knell_puppet_begin_on_own_stack();

}  // namespace knell::conform::puppet
