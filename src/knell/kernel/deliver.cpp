/// kernel/signal.c: a task on its way to user mode takes its signals.

#include "knell/kernel/signal.hpp"

namespace knell::kernel {
namespace {

/// next_signal: faults first, then the lowest number.
Signal next_signal(SigSet pending, SigSet blocked) {
  const SigSet ready = pending & ~blocked;
  if (ready.empty()) return {};
  const SigSet faults = ready & signals::kSynchronous;
  return faults.empty() ? ready.lowest() : faults.lowest();
}

/// dequeue_signal: the thread's own before the group's.
Signal dequeue_signal(World& world, TaskIndex task) {
  const SigSet blocked = world[task].blocked;
  for (SigPending* pending : {&world[task].pending, &world.signal_of(task).shared_pending}) {
    const Signal signal = next_signal(pending->signal, blocked);
    if (signal.number() == 0) continue;
    pending->signal.remove(signal);
    return signal;
  }
  return {};
}

/// ptrace_signal: every signal but SIGKILL is shown to the tracer first, and what comes of it is
/// the tracer's say.
bool ptrace_signal(Kernel& kernel, TaskIndex task, Signal signal) {
  Task& traced = kernel.world[task];
  if (traced.parent == traced.real_parent || signal == signals::kKill) return false;
  traced.state = TaskState::traced;
  kernel.note({Event::Kind::ptrace_stop, task, traced.parent, signal, 0});
  return true;
}

/// The default action of a signal that was taken. False if the task goes on with the next one.
bool default_action(Kernel& kernel, TaskIndex task, Signal signal) {
  World& world = kernel.world;
  const bool unkillable = world.signal_of(task).unkillable;
  if (signals::kKernelIgnore.has(signal) || (unkillable && !signals::kKernelOnly.has(signal))) {
    kernel.note({Event::Kind::signal_ignored, task, {}, signal, 0});
    return false;
  }
  if (signal.stops()) {
    if (signal != signals::kStop && is_current_pgrp_orphaned(world, task)) {
      kernel.note({Event::Kind::signal_ignored, task, {}, signal, 0});
      return false;
    }
    do_signal_stop(kernel, task, signal);
    return true;
  }
  kernel.note({Event::Kind::signal_deliver, task, {}, signal, 0});
  // A core is dumped where the limits allow it; a World does not know them, so the status is the
  // one without.
  do_group_exit(kernel, task, signal.number());
  return true;
}

}  // namespace

void recalc_sigpending(World& world, TaskIndex task) {
  const SigSet all = world[task].pending.signal | world.signal_of(task).shared_pending.signal;
  world[task].signal_pending =
      world.signal_of(task).group_exit || !(all & ~world[task].blocked).empty();
}

void get_signal(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  for (;;) {
    if (world.signal_of(task).group_exit) {
      world[task].pending.signal.remove(signals::kKill);
      kernel.note({Event::Kind::signal_deliver, task, {}, signals::kKill, 0});
      do_group_exit(kernel, task, world.signal_of(task).group_exit_code);
      return;
    }
    const Signal signal = dequeue_signal(world, task);
    recalc_sigpending(world, task);
    if (signal.number() == 0) return;
    if (ptrace_signal(kernel, task, signal)) return;
    switch (handler_of(world, task, signal)) {
      case Handler::ignore:
        kernel.note({Event::Kind::signal_ignored, task, {}, signal, 0});
        break;
      case Handler::caught:
        world[task].in_handler = true;
        kernel.note({Event::Kind::signal_handler, task, {}, signal, 0});
        break;
      case Handler::by_default:
        if (default_action(kernel, task, signal)) return;
        break;
    }
  }
}

void run_to_rest(Kernel& kernel) {
  while (!kernel.woken.empty()) {
    const TaskIndex task = kernel.woken.front();
    kernel.woken.pop_front();
    const Task& woken = kernel.world[task];
    if (woken.exiting || woken.state == TaskState::released || woken.kernel_thread) continue;
    if (woken.state == TaskState::stopped || woken.state == TaskState::traced) continue;
    if (woken.signal_pending) get_signal(kernel, task);
  }
}

}  // namespace knell::kernel
