/// arch/x86/kernel/signal.c: a handler's frame on the user stack, and the way out of the kernel.

#include <cerrno>

#include "knell/kernel/sched.hpp"
#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr bool is_restart(std::int64_t value) {
  return value == kRestartSys || value == kRestartNoIntr || value == kRestartNoHand ||
         value == kRestartBlock || value == kFaultAgain;
}

/// handle_signal: what becomes of the call that the signal interrupted. A handler for a fault goes
/// on behind the instruction (Sys::fault); any other leaves it to be run again.
void restart_or_eintr(Regs& regs, bool sa_restart, const SigInfo& info) {
  if (regs.next == Regs::Next::result && regs.result.value == kFaultAgain) {
    if (info.code > si::kUser && signals::kSynchronous.has(info.signal)) regs.result.value = 0;
    return;
  }
  if (regs.next != Regs::Next::result || !is_restart(regs.result.value)) return;
  const bool again =
      regs.result.value == kRestartNoIntr || (regs.result.value == kRestartSys && sa_restart);
  if (again)
    regs.next = Regs::Next::call;
  else
    regs.result.value = -EINTR;
}

SigSet mask_of(const SighandStruct& table, Signal signal) {
  for (const SaMask& each : table.masks)
    if (each.signal == signal) return each.mask;
  return {};
}

/// setup_rt_frame and get_sigframe: the frame lies on the stack in use, or on the alternate one.
void setup_rt_frame(const SighandStruct& table, UserContext& context, const SigInfo& info,
                    Handler handler, SigSet saved) {
  SigFrame& frame = context.frames.emplace_back();
  const bool on_it =
      context.frames.size() > 1 && context.frames[context.frames.size() - 2].on_altstack;
  frame.info = info;
  frame.regs = context.regs;
  frame.saved = saved;
  frame.handler = handler;
  frame.saved_altstack = context.altstack;
  frame.saved_autodisarm = context.altstack_autodisarm;
  frame.saved_stale = context.altstack_stale;
  const bool enters = table.onstack.has(info.signal) && context.altstack;
  frame.on_altstack = on_it || enters;
  context.regs.next = Regs::Next::program;
}

/// handle_signal and signal_delivered.
void handle_signal(Kernel& kernel, TaskIndex task, const SigInfo& info, Handler handler,
                   const SighandStruct& table) {
  const Function in(kernel, "handle_signal", task);
  World& world = kernel.world;
  kernel.note({Event::Kind::signal_handler, task, {}, info.signal, 0});
  if (!world[task].context) {  // a program that nobody knows
    world[task].in_handler = true;
    return;
  }
  UserContext& context = world[world[task].context];
  restart_or_eintr(context.regs, table.restart.has(info.signal), info);
  const SigSet saved = context.restore_sigmask ? context.saved_sigmask : world[task].blocked;
  context.restore_sigmask = false;
  setup_rt_frame(table, context, info, handler, saved);
  if (context.altstack_autodisarm)  // sas_ss_reset
    context.altstack = context.altstack_autodisarm = context.altstack_stale = false;
  SigSet blocked = world[task].blocked | mask_of(table, info.signal);
  if (!table.nodefer.has(info.signal)) blocked.add(info.signal);
  set_current_blocked(kernel, task, blocked);
}

bool halted(const World& world, TaskIndex task) {
  const Task& of = world[task];
  if (of.context && world[of.context].taken.signal.number() != 0) return true;
  return of.state != TaskState::running || of.exiting || of.exit_step != 0;
}

/// arch_do_signal_or_restart: one signal for a handler, or none, and then the call that was
/// interrupted is made again.
void arch_do_signal_or_restart(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const SigInfo info = get_signal(kernel, task);
  if (halted(world, task)) return;
  if (info.signal.number() != 0) {
    SighandStruct& table = world[world[task].sighand];
    const Handler handler = table.returns.has(info.signal) ? Handler::returns : Handler::holds;
    return handle_signal(kernel, task, info, handler, table);
  }
  if (!world[task].context) return;
  UserContext& context = world[world[task].context];
  if (context.regs.next == Regs::Next::result && is_restart(context.regs.result.value))
    context.regs.next = Regs::Next::call;
  if (context.restore_sigmask) {  // restore_saved_sigmask
    context.restore_sigmask = false;
    set_current_blocked(kernel, task, context.saved_sigmask);
  }
}

/// The program sees what its call returned.
void publish(Kernel& kernel, TaskIndex task, UserContext& context) {
  context.last = context.regs.result;
  ++context.returned;
  context.regs.next = Regs::Next::program;
  kernel.note({Event::Kind::sys_exit, task, {}, {}, context.last.value, name_of(context.last.nr)});
}

/// Between two signals another thread of the process may take one of those that are for all.
bool gives_way(const Kernel& kernel, TaskIndex task) {
  const World& world = kernel.world;
  return kernel.preemptible() && world[task].signal_pending && another_thread_will_run(world, task);
}

}  // namespace

/// exit_to_user_mode_loop. Frames are laid one upon the other until no signal is left, so that the
/// handler of the last one runs first.
void exit_to_user_mode(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  while (world[task].signal_pending || world[task].ptrace.in_stop) {
    arch_do_signal_or_restart(kernel, task);
    if (halted(world, task)) return;
    if (!world[task].context && !world[task].signal_pending) return;
    if (gives_way(kernel, task)) return enqueue_first(kernel, task);
  }
  if (!world[task].context) return;
  UserContext& context = world[world[task].context];
  if (!context.frames.empty() && !context.frames.back().entered)
    return enqueue_task(kernel, task);  // its handler is where the program goes on
  if (context.regs.next == Regs::Next::result && is_restart(context.regs.result.value))
    context.regs.next = Regs::Next::call;  // what interrupted it was gone when it looked
  if (context.regs.next == Regs::Next::result) return publish(kernel, task, context);
  if (context.regs.next == Regs::Next::call) {
    kernel.note({Event::Kind::restart, task, {}, {}, 0, name_of(context.regs.call.nr)});
    do_syscall(kernel, task);
  }
}

void user_step(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (!world[task].context) return;
  UserContext& context = world[world[task].context];
  if (context.frames.empty() || context.in_call || context.regs.next != Regs::Next::program) return;
  SigFrame& frame = context.frames.back();
  if (!frame.entered) {
    frame.entered = true;
    context.ran.push_back({frame.info, world[task].blocked, frame.on_altstack});
    kernel.note({Event::Kind::handler_enter, task, {}, frame.info.signal, 0});
    if (frame.handler == Handler::returns) enqueue_task(kernel, task);
    return;
  }
  if (frame.handler == Handler::returns) sigreturn(kernel, task);
}

namespace {

/// do_sigaltstack refuses it to one that is on the stack in question (-EPERM), and refuses what is
/// no stack, but has the flags of one (-ENOMEM). sigreturn goes on all the same.
void restore_altstack(UserContext& context, const SigFrame& frame) {
  const bool on_it = frame.on_altstack && context.altstack && !context.altstack_autodisarm;
  if (on_it || frame.saved_stale) return;
  context.altstack = frame.saved_altstack;
  context.altstack_autodisarm = frame.saved_autodisarm;
  context.altstack_stale = false;
}

}  // namespace

/// rt_sigreturn: everything as it was before the signal: mask, registers, alternate stack.
void sigreturn(Kernel& kernel, TaskIndex task) {
  const Function in(kernel, "rt_sigreturn", task);
  World& world = kernel.world;
  UserContext& context = world[world[task].context];
  const SigFrame& frame = context.frames.back();
  kernel.note({Event::Kind::sigreturn, task, {}, frame.info.signal, 0});
  set_current_blocked(kernel, task, frame.saved);
  context.regs = frame.regs;
  restore_altstack(context, frame);
  context.frames.pop_back();
  exit_to_user_mode(kernel, task);
}

}  // namespace knell::kernel
