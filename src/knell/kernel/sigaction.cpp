/// kernel/signal.c: what a task says about its signals: their handlers, and which it blocks.

#include <cerrno>

#include "knell/kernel/signal.hpp"

namespace knell::kernel {
namespace {

void flush_sigqueue_mask(World& world, TaskIndex task, Signal signal) {
  world.signal_of(task).shared_pending.signal.remove(signal);
  for (TaskIndex thread = world.leader(task); thread; thread = world[thread].next_thread)
    world[thread].pending.signal.remove(signal);
}

/// The process's signals that `task` was to take and now blocks go to threads that do not.
void retarget_shared_pending(Kernel& kernel, TaskIndex task, SigSet blocked) {
  World& world = kernel.world;
  SigSet left = world.signal_of(task).shared_pending.signal & blocked;
  for (TaskIndex each = world.leader(task); each && !left.empty(); each = world[each].next_thread) {
    const Task& thread = world[each];
    if (each == task || thread.exiting || (left & ~thread.blocked).empty()) continue;
    left = left & thread.blocked;
    if (!thread.signal_pending) signal_wake_up(kernel, each, false);
  }
}

}  // namespace

int rt_sigaction(Kernel& kernel, TaskIndex current, Signal signal, Handler handler) {
  if (!signal.valid() || signal.number() == 0 || signals::kKernelOnly.has(signal)) return -EINVAL;
  World& world = kernel.world;
  SighandStruct& table = world[world[current].sighand];
  table.ignored.remove(signal);
  table.caught.remove(signal);
  if (handler == Handler::ignore) table.ignored.add(signal);
  if (handler == Handler::caught) table.caught.add(signal);
  const bool ignored = handler == Handler::ignore ||
                       (handler == Handler::by_default && signals::kKernelIgnore.has(signal));
  if (ignored) flush_sigqueue_mask(world, current, signal);  // POSIX: even what is blocked
  return 0;
}

void rt_sigprocmask(Kernel& kernel, TaskIndex current, MaskChange how, SigSet set) {
  World& world = kernel.world;
  Task& task = world[current];
  set.remove(signals::kKernelOnly);
  SigSet blocked = set;
  if (how == MaskChange::block) blocked = task.blocked | set;
  if (how == MaskChange::unblock) blocked = task.blocked & ~set;
  if (task.signal_pending && !thread_group_empty(world, current))
    retarget_shared_pending(kernel, current, blocked & ~task.blocked);
  task.blocked = blocked;
  recalc_sigpending(world, current);
  if (task.signal_pending) kernel.woken.push_back(current);
}

SigSet rt_sigpending(const Kernel& kernel, TaskIndex current) {
  const World& world = kernel.world;
  const SigSet pending =
      world[current].pending.signal | world.signal_of(current).shared_pending.signal;
  return pending & world[current].blocked;
}

}  // namespace knell::kernel
