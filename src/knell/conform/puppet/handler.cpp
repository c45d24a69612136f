#include "knell/conform/puppet/handler.hpp"

#include "knell/conform/puppet/fault.hpp"
#include "knell/conform/puppet/loop.hpp"
#include "knell/conform/puppet/stacks.hpp"

namespace knell::conform::puppet {
namespace {

constexpr int kAutodisarm = static_cast<int>(1U << 31);  // SS_AUTODISARM of linux/signal.h

SigSet mask_now() {
  std::uint64_t set = 0;
  system_call(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, &set, sizeof set);
  return SigSet(set);
}

/// Whether what was interrupted is a handler whose first instruction has not run yet.
bool is_at_handler(const ucontext_t& interrupted) {
  const auto at = static_cast<std::uintptr_t>(interrupted.uc_mcontext.gregs[REG_RIP]);
  return at == reinterpret_cast<std::uintptr_t>(&handler_that_returns) ||
         at == reinterpret_cast<std::uintptr_t>(&handler_that_holds);
}

/// Where the stack that was left for the alternate one ends: perhaps under the frame of a handler
/// that this one came before. (struct rt_sigframe: the return address, then the context.)
std::uintptr_t pointer_below(const ucontext_t& interrupted) {
  const ucontext_t* context = &interrupted;
  for (;;) {
    const auto pointer = static_cast<std::uintptr_t>(context->uc_mcontext.gregs[REG_RSP]);
    if (!is_on_alternate_stack(pointer) || !is_at_handler(*context)) return pointer;
    context = at_address<const ucontext_t>(pointer + sizeof(void*));
  }
}

/// Enters the handler into the slot. Its place is taken first and in one instruction, so that a
/// handler that runs on top of this one, at any time, takes the next.
void note(const siginfo_t& info, const ucontext_t& interrupted) {
  Slot& me = self();
  const std::uint32_t begun = me.begun.fetch_add(1);
  const std::uintptr_t before = pointer_below(interrupted);
  const bool on_it = is_on_alternate_stack(address_of(&begun));
  if (on_it && !is_on_alternate_stack(before)) me.below_alternate = before;
  Told& told = me.told[begun % kToldKept];
  told.run.info = what_it_says(info);
  told.run.blocked = mask_now();
  told.run.on_altstack = on_it;
  told.serial.store(begun + 1);
}

/// clone(2) lets a child tell of its end by any signal. (By that of a fault is not told apart from
/// the fault.)
bool is_from_child(const siginfo_t& info) {
  if (info.si_code < CLD_EXITED || info.si_code > CLD_CONTINUED) return false;
  return !signals::kSynchronous.has(Signal(info.si_signo));
}

}  // namespace

SigInfo what_it_says(const siginfo_t& info) {
  SigInfo said;
  said.signal = Signal(info.si_signo);
  said.code = info.si_code;
  const bool from_child = is_from_child(info);
  if (from_child || info.si_code <= 0) {
    said.pid = Pid(info.si_pid);
    said.uid = Uid(info.si_uid);
  }
  if (from_child) said.status = info.si_status;
  if (info.si_code < 0) said.value = reinterpret_cast<std::int64_t>(info.si_value.sival_ptr);
  return said;
}

void handler_that_returns(int, const siginfo_t* info, ucontext_t* interrupted) {
  note(*info, *interrupted);
  go_on_behind_fault(*info, *interrupted);
}

/// Meanwhile the program is not in the call that the signal interrupted; afterwards it is again, if
/// only to hear that it was interrupted.
void handler_that_holds(int, const siginfo_t* info, ucontext_t* interrupted) {
  note(*info, *interrupted);
  go_on_behind_fault(*info, *interrupted);
  const std::uint32_t was_in = self().in_call.exchange(0);
  act_until_told_to_return();
  self().in_call = was_in;
}

long set_alternate_stack(int flags) {
  const stack_t stack{
      .ss_sp = alternate_stack_of(self()), .ss_flags = flags, .ss_size = kAltStackSize};
  return system_call(SYS_sigaltstack, &stack, nullptr);
}

void replace_inherited_alternate_stack() {
  stack_t inherited{};
  system_call(SYS_sigaltstack, nullptr, &inherited);
  if ((inherited.ss_flags & SS_DISABLE) == 0) set_alternate_stack(inherited.ss_flags & kAutodisarm);
}

}  // namespace knell::conform::puppet
