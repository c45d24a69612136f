/// kernel/signal.c: a task on its way to user mode takes its signals.

#include <utility>

#include "knell/kernel/sched.hpp"
#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

/// What was left to the next thread that comes by: the parent is told of a group that went on, or
/// of a stop that was cut short.
bool tell_parent_what_was_left(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  SignalStruct& group = world.signal_of(task);
  if (!group.cld_continued && !group.cld_stopped) return false;
  const int why = group.cld_continued ? si::kContinued : si::kStopped;
  group.cld_continued = group.cld_stopped = false;
  do_notify_parent_cldstop(kernel, task, false, why);
  const TaskIndex leader = world.leader(task);
  if (!ptrace_reparented(world, leader)) return true;
  do_notify_parent_cldstop(kernel, leader, true, why);
  // Its tracer may take that before there is a trap to be told of.
  const TaskIndex tracer = world[leader].parent;
  const bool awake = kernel.preemptible() && world[tracer].on_rq && world[tracer].signal_pending;
  if (awake && kernel.either()) run_meanwhile(kernel, tracer);
  return true;
}

/// What a signal that was taken means for the task.
enum class Next : std::uint8_t {
  again,    ///< nothing: look for the next one
  handler,  ///< its handler is to run
  halted,   ///< the task stopped or ended, or others go on before it does
};

Next fatal(Kernel& kernel, TaskIndex task, Signal signal, int code) {
  kernel.note({Event::Kind::signal_deliver, task, {}, signal, 0});
  // A core is dumped where the limits allow it; a World does not know them, so the status is the
  // one without.
  do_group_exit(kernel, task, code);
  return Next::halted;
}

Next ignored(Kernel& kernel, TaskIndex task, Signal signal) {
  kernel.note({Event::Kind::signal_ignored, task, {}, signal, 0});
  return Next::again;
}

/// Who is to stop has to know whether its group is orphaned, and lets go of the lock for that:
/// others of its process may look for signals meanwhile, find none, and go on. True: they do.
bool others_go_on_before_the_stop(Kernel& kernel, TaskIndex task, const SigInfo& info) {
  World& world = kernel.world;
  if (!kernel.preemptible() || !world[task].context) return false;
  if (!another_thread_will_run(world, task) || !kernel.either()) return false;
  world[world[task].context].taken = info;
  world[task].signal_pending = true;  // it comes back to where it was
  enqueue_first(kernel, task);
  return true;
}

/// Whether the signal was only now taken, or before others went on.
enum class Taken : std::uint8_t { now, before };

/// The default action.
Next default_action(Kernel& kernel, TaskIndex task, const SigInfo& info, Taken taken) {
  World& world = kernel.world;
  const Signal signal = info.signal;
  const bool unkillable = world.signal_of(task).unkillable;
  if (signals::kKernelIgnore.has(signal) || (unkillable && !signals::kKernelOnly.has(signal)))
    return ignored(kernel, task, signal);
  if (!signals::kKernelStop.has(signal)) return fatal(kernel, task, signal, signal.number());
  if (signal != signals::kStop && is_current_pgrp_orphaned(world, task)) {
    const Next next = ignored(kernel, task, signal);
    tell_parent_what_was_left(kernel, task);  // relock: it begins anew
    return next;
  }
  if (signal != signals::kStop && taken == Taken::now &&
      others_go_on_before_the_stop(kernel, task, info))
    return Next::halted;
  return do_signal_stop(kernel, task, signal) ? Next::halted : Next::again;
}

Next take(Kernel& kernel, TaskIndex task, const SigInfo& info, Taken taken) {
  World& world = kernel.world;
  const Signal signal = info.signal;
  const Handler handler = handler_of(world, task, signal);
  if (handler == Handler::ignore) return ignored(kernel, task, signal);
  if (handler == Handler::by_default) return default_action(kernel, task, info, taken);
  SighandStruct& table = world[world[task].sighand];
  if (table.resethand.has(signal)) table.caught.remove(signal);
  return Next::handler;
}

/// The next signal, as the tracer lets it through; nothing with `halted` set: it stopped for him.
SigInfo dequeue(Kernel& kernel, TaskIndex task, bool& halted) {
  World& world = kernel.world;
  halted = false;
  if (world[task].ptrace.delivering) return ptrace_signal_resumed(kernel, task);
  SigInfo info = dequeue_synchronous_signal(world, task);
  bool shared = false;
  if (info.signal.number() == 0) {
    shared = (world[task].pending.signal & ~world[task].blocked).empty();
    info = dequeue_signal(kernel, task, world[task].blocked);
  }
  if (info.signal.number() == 0 || info.signal == signals::kKill || !is_traced(world, task))
    return info;
  ptrace_signal(kernel, task, info, shared);
  halted = world[task].state == TaskState::traced;
  return halted ? SigInfo{} : ptrace_signal_resumed(kernel, task);
}

/// What is decided already, before any signal is looked at. `again`: nothing was.
Next decided(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const SignalStruct& group = world.signal_of(task);
  if (group.group_exit || (group.group_exec && !world[task].in_execve)) {
    world[task].pending.signal.remove(signals::kKill);
    return fatal(kernel, task, signals::kKill, signals::kKill.number());
  }
  if (world[task].jobctl.stop_pending && do_signal_stop(kernel, task, {})) return Next::halted;
  Jobctl& jobctl = world[task].jobctl;
  if (std::exchange(jobctl.trap_late, false) && !jobctl.trap_stop) return Next::again;
  if (jobctl.trap_stop || jobctl.trap_notify) {
    do_jobctl_trap(kernel, task);
    return world[task].state == TaskState::traced ? Next::halted : Next::again;
  }
  return Next::again;
}

/// With what it took before others went on. `again`: with nothing, or nothing comes of it.
Next go_on_with_taken(Kernel& kernel, TaskIndex task, SigInfo& taken) {
  const ContextIndex context = kernel.world[task].context;
  if (!context) return Next::again;
  taken = std::exchange(kernel.world[context].taken, {});
  return taken.signal.number() != 0 ? take(kernel, task, taken, Taken::before) : Next::again;
}

}  // namespace

SigInfo get_signal(Kernel& kernel, TaskIndex task) {
  const Function in(kernel, "get_signal", task);
  World& world = kernel.world;
  SigInfo taken;
  const Next begun = go_on_with_taken(kernel, task, taken);
  if (begun != Next::again) return begun == Next::handler ? taken : SigInfo{};
  if (world[task].ptrace.in_stop) ptrace_stop_left(kernel, task);
  // Who comes from a stop for its tracer with a signal is behind this.
  if (!world[task].ptrace.delivering) tell_parent_what_was_left(kernel, task);
  for (;;) {
    if (!world[task].ptrace.delivering && decided(kernel, task) == Next::halted) return {};
    bool halted = false;
    const SigInfo info = dequeue(kernel, task, halted);
    if (halted) return {};
    if (info.signal.number() == 0) {
      if (world[task].signal_pending && world.signal_of(task).group_exit) continue;
      recalc_sigpending(world, task);
      if (world[task].signal_pending) continue;  // the tracer dropped one; there are others
      return {};
    }
    switch (take(kernel, task, info, Taken::now)) {
      case Next::handler:
        return info;
      case Next::halted:
        return {};
      case Next::again:
        break;
    }
  }
}

}  // namespace knell::kernel
