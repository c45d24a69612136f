#include "knell/conform/puppet/entry.hpp"

#include "knell/conform/puppet/system.hpp"

// The stack is as the kernel leaves it at the start of a program: argc, argv, envp.
asm(R"(
.globl _start
_start:
  xor %ebp, %ebp
  mov %rsp, %rdi
  and $-16, %rsp
  call knell_puppet_start
  hlt
)");

// A handler that returned says so with the first instruction (Slot::left). Before the kernel has
// taken its frame away lie two more, which the stage knows of.
asm(R"(
.globl knell_puppet_restorer
.globl knell_puppet_leaving
.globl knell_puppet_leaving_end
knell_puppet_restorer:
  incl %fs:8
knell_puppet_leaving:
  mov $15, %eax
  syscall
knell_puppet_leaving_end:
  hlt
)");

namespace knell::conform::puppet {

long clone_onto_stack(unsigned long flags, void* stack_top, void* number, void* thread_pointer) {
  register long r10 asm("r10") = 0;
  register void* r8 asm("r8") = thread_pointer;
  long result = SYS_clone;
  asm volatile(R"(
    syscall
    test %%rax, %%rax
    jnz 1f
    xor %%ebp, %%ebp
    call knell_puppet_begin_on_own_stack
    hlt
  1:)"
               : "+a"(result)
               : "D"(flags), "S"(stack_top), "d"(number), "r"(r10), "r"(r8)
               : "rcx", "r11", "memory");
  return result;
}

}  // namespace knell::conform::puppet
