/// kernel/signal.c: what a task says about its own signals, and how it waits for them.

#include <cerrno>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

// include/uapi/asm-generic/signal-defs.h
constexpr std::int64_t kNoCldStop = 1, kNoCldWait = 2, kSigInfo = 4, kOnStack = 0x08000000,
                       kRestart = 0x10000000, kNoDefer = 0x40000000, kResetHand = 0x80000000;
// include/uapi/linux/signal.h
constexpr std::int64_t kSsDisable = 2, kSsOnStack = 1, kSsAutodisarm = std::int64_t{1} << 31;

void put(SigSet& set, Signal signal, bool member) {
  if (member)
    set.add(signal);
  else
    set.remove(signal);
}

void set_mask(SighandStruct& table, Signal signal, SigSet mask) {
  mask.remove(signals::kKernelOnly);
  std::erase_if(table.masks, [&](const SaMask& each) { return each.signal == signal; });
  if (!mask.empty()) table.masks.push_back({signal, mask});
}

void set_action(SighandStruct& table, Signal signal, Handler handler, std::int64_t flags,
                SigSet mask) {
  const auto has = [&](std::int64_t flag) { return (flags & flag) != 0; };
  put(table.ignored, signal, handler == Handler::ignore);
  put(table.caught, signal, handler == Handler::returns || handler == Handler::holds);
  put(table.returns, signal, handler == Handler::returns);
  put(table.restart, signal, has(kRestart));
  put(table.siginfo, signal, has(kSigInfo));
  put(table.nodefer, signal, has(kNoDefer));
  put(table.resethand, signal, has(kResetHand));
  put(table.onstack, signal, has(kOnStack));
  if (signal == signals::kChld) {
    table.nocldstop = has(kNoCldStop);
    table.nocldwait = has(kNoCldWait);
  }
  set_mask(table, signal, mask);
}

/// do_sigaction. POSIX: a pending signal that is ignored from now on is discarded, even if blocked.
int do_sigaction(Kernel& kernel, TaskIndex current, Signal signal, Handler handler,
                 std::int64_t flags, SigSet mask) {
  const Function in(kernel, "do_sigaction", current);
  if (!signal.valid() || signal.number() == 0 || signals::kKernelOnly.has(signal)) return -EINVAL;
  World& world = kernel.world;
  set_action(world[world[current].sighand], signal, handler, flags, mask);
  if (!ignored_by(handler, signal)) return 0;
  flush_sigqueue_mask(world, world.signal_of(current).shared_pending, SigSet{signal});
  for_each_thread(world, current, [&](TaskIndex thread) {
    flush_sigqueue_mask(world, world[thread].pending, SigSet{signal});
  });
  return 0;
}

SigSet waited_for(const Call& call) {
  SigSet set(static_cast<std::uint64_t>(call.arg[0]));
  set.remove(signals::kKernelOnly);
  return set;
}

/// One of the signals waited for, if there is one.
Outcome dequeue_waited(Kernel& kernel, TaskIndex current, const Call& call) {
  const SigInfo info = dequeue_signal(kernel, current, ~waited_for(call));
  if (info.signal.number() == 0) return {};
  kernel.world[kernel.world[current].context].regs.result.info = info;
  return info.signal.number();
}

/// The end of do_sigtimedwait: what it blocked before it slept is blocked again.
void restore_blocked(Kernel& kernel, TaskIndex current) {
  Task& task = kernel.world[current];
  const SigSet before = task.real_blocked;
  task.real_blocked = {};
  set_task_blocked(kernel, current, before);
}

}  // namespace

int rt_sigaction(Kernel& kernel, TaskIndex current, Signal signal, Handler handler) {
  return do_sigaction(kernel, current, signal, handler, 0, {});
}

std::int64_t sys_rt_sigaction(Kernel& kernel, TaskIndex current, const Call& call) {
  const auto [number, handler, flags, mask, unused] = call.arg;
  if (number < 1 || number > Signal::kLast) return -EINVAL;
  return do_sigaction(kernel, current, Signal(static_cast<int>(number)),
                      static_cast<Handler>(handler), flags,
                      SigSet(static_cast<std::uint64_t>(mask)));
}

/// sigprocmask
void rt_sigprocmask(Kernel& kernel, TaskIndex current, MaskChange how, SigSet set) {
  const SigSet now = kernel.world[current].blocked;
  set.remove(signals::kKernelOnly);
  SigSet blocked = set;
  if (how == MaskChange::block) blocked = now | set;
  if (how == MaskChange::unblock) blocked = now & ~set;
  set_current_blocked(kernel, current, blocked);
  if (!kernel.world[current].context && kernel.world[current].signal_pending)
    wake_up_process(kernel, current);
}

std::int64_t sys_rt_sigprocmask(Kernel& kernel, TaskIndex current, const Call& call) {
  if (call.arg[0] < 0 || call.arg[0] > 2) return -EINVAL;
  rt_sigprocmask(kernel, current, static_cast<MaskChange>(call.arg[0]),
                 SigSet(static_cast<std::uint64_t>(call.arg[1])));
  return 0;
}

SigSet rt_sigpending(const Kernel& kernel, TaskIndex current) {
  const World& world = kernel.world;
  const SigSet pending =
      world[current].pending.signal | world.signal_of(current).shared_pending.signal;
  return pending & world[current].blocked;
}

/// do_sigaltstack: not while the task is on it.
std::int64_t sys_sigaltstack(Kernel& kernel, TaskIndex current, const Call& call) {
  UserContext& context = kernel.world[kernel.world[current].context];
  const bool on_it = !context.frames.empty() && context.frames.back().on_altstack &&
                     context.altstack && !context.altstack_autodisarm;
  const bool knows_autodisarm = kernel.version >= KernelVersion::v5_10;  // since 4.7
  const std::int64_t flags = call.arg[0] & 0xffffffff;
  const std::int64_t mode = knows_autodisarm ? flags & ~kSsAutodisarm : flags;
  if (on_it) return -EPERM;
  if (mode != kSsDisable && mode != kSsOnStack && mode != 0) return -EINVAL;
  context.altstack = mode != kSsDisable;
  context.altstack_autodisarm = (flags & kSsAutodisarm) != 0;
  context.altstack_stale = false;
  return 0;
}

/// do_sigtimedwait: while it sleeps, what it waits for is not blocked, and does not kill.
Outcome sys_rt_sigtimedwait(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  if (world[world[current].context].in_call) {  // woken: is it there?
    if (!world[current].signal_pending) return {};
    restore_blocked(kernel, current);
    const Outcome taken = dequeue_waited(kernel, current, call);
    return taken ? taken : -EINTR;
  }
  if (const Outcome taken = dequeue_waited(kernel, current, call)) return taken;
  if (call.arg[1] == 0) return -EAGAIN;
  world[current].real_blocked = world[current].blocked;
  world[current].blocked = world[current].blocked & ~waited_for(call);
  recalc_sigpending(world, current);
  return {};
}

std::int64_t interrupted_sigtimedwait(Kernel& kernel, TaskIndex current, const Call& call) {
  return sys_rt_sigtimedwait(kernel, current, call).value_or(-EINTR);
}

Outcome sys_rt_sigsuspend(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  UserContext& context = world[world[current].context];
  if (context.in_call) return {};
  context.saved_sigmask = world[current].blocked;
  context.restore_sigmask = true;
  set_current_blocked(kernel, current, SigSet(static_cast<std::uint64_t>(call.arg[0])));
  return {};
}

/// The hardware's complaints, with the codes that x86-64 gives them (arch/x86/kernel/traps.c).
void sys_fault(Kernel& kernel, TaskIndex current, const Call& call) {
  const Signal signal(static_cast<int>(call.arg[0]));
  int code = si::kKernel;  // int3
  if (signal == signals::kSegv) code = si::kSegvMapErr;
  if (signal == signals::kFpe) code = si::kFpeIntDiv;
  if (signal == signals::kIll) code = si::kIllOpn;
  if (signal == signals::kBus) code = si::kBusAdrErr;
  force_sig_fault(kernel, current, signal, code);
}

}  // namespace knell::kernel
