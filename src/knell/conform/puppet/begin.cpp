#include "knell/conform/puppet/begin.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cerrno>
#include <csignal>

#include <asm/prctl.h>

#include "knell/conform/puppet/entry.hpp"
#include "knell/conform/puppet/handler.hpp"
#include "knell/conform/puppet/lifeline.hpp"
#include "knell/conform/puppet/loop.hpp"
#include "knell/conform/puppet/robust.hpp"
#include "knell/conform/puppet/stacks.hpp"

namespace knell::conform::puppet {
namespace {

constexpr int kBadMemory = 101;  // an exit code: a defect of ours

void map_memory() {
  const long shared_at =
      system_call(SYS_mmap, kSharedAddress, sizeof(Shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_FIXED_NOREPLACE, kSharedFd, 0);
  const long stacks_at =
      system_call(SYS_mmap, kStacksAddress, kSlots * kBothStacks, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (shared_at < 0 || stacks_at < 0) give_up(kBadMemory);
}

/// The program is a new one: in no call and in no handler, on the stack the kernel gave it.
void begin_program(Slot& slot) {
  slot.self = address_of(&slot);
  system_call(SYS_arch_prctl, ARCH_SET_FS, &slot);
  slot.stack = 0;
  if (slot.in_call == static_cast<std::uint32_t>(Sys::execve)) publish({.nr = Sys::execve});
  ++slot.programs;  // before the call is over: one of the two tells at any time
  slot.in_call = 0;
  system_call(SYS_prctl, PR_SET_NAME, "knell-puppet");
  tie_to_stage();
  begin_task();
}

}  // namespace

extern "C" void knell_puppet_start(const long* stack) {
  const char* number = at_address<const char>(static_cast<std::uintptr_t>(stack[2]));  // argv[1]
  const int slot = (number[0] - '0') * 10 + (number[1] - '0');
  map_memory();
  remember_first_stack(stack);
  if (shared().opening == Opening::under_way) become_init();
  begin_program(shared().slots[static_cast<std::size_t>(slot)]);
  live();
}

void begin_task() {
  register_robust_list();
}

extern "C" void knell_puppet_begin_on_own_stack() {
  begin_task();
  replace_inherited_alternate_stack();
  live();
}

/// There is no handler to leave here, and without a frame the kernel would end the program.
void live() {
  for (;;) {
    act_until_told_to_return();
    publish({.nr = Sys::rt_sigreturn, .value = -EINVAL});
  }
}

void tie_to_stage() {
  if (self().tied) system_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
}

long open_pidfd(long pid, long flags) {
  const long low = system_call(SYS_pidfd_open, pid, flags);
  if (low < 0) return low;
  const long high = system_call(SYS_fcntl, low, F_DUPFD_CLOEXEC, kFirstOwnFd);
  system_call(SYS_close, low);
  return high;
}

}  // namespace knell::conform::puppet
