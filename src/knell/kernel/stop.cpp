/// kernel/signal.c: a group stops and goes on, and who is told.

#include "knell/kernel/sched.hpp"
#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

/// do_signal_stop, where none is under way: every thread is told to stop.
void begin_group_stop(Kernel& kernel, TaskIndex task, Signal signal) {
  World& world = kernel.world;
  SignalStruct& group = world.signal_of(task);
  if (!group.stop_stopped) group.group_stop_code = signal.number();
  group.group_stop_count = 0;
  if (task_set_stop_pending(world, task, signal)) ++group.group_stop_count;
  for (TaskIndex t = next_thread(world, task); t != task; t = next_thread(world, t)) {
    if (world[t].state == TaskState::stopped || !task_set_stop_pending(world, t, signal)) continue;
    ++world.signal_of(task).group_stop_count;
    if (world[t].ptrace.seized)
      ptrace_trap_notify(kernel, t);
    else
      signal_wake_up(kernel, t, false);
  }
  kernel.note({Event::Kind::job_stop, task, {}, signal, 0});
}

/// Threads of a process read from /proc of which only the leader was read, or which sleep where no
/// signal wakes them, stop with the one that takes the signal: nothing else will move them.
void stop_read_threads(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  for_each_thread(world, task, [&](TaskIndex thread) {
    if (thread == task || world[thread].exiting || world[thread].context) return;
    if (world[thread].jobctl.stop_consume) task_participate_group_stop(world, thread);
    set_state(kernel, thread, TaskState::stopped);
  });
}

int status_of_stop(const World& world, TaskIndex task, int why) {
  if (why == si::kContinued) return signals::kCont.number();
  if (why == si::kStopped) return world.signal_of(task).group_stop_code & 0x7f;
  return world[task].ptrace.stop_code & 0x7f;
}

}  // namespace

/// task_set_jobctl_pending(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME)
bool task_set_stop_pending(World& world, TaskIndex task, Signal signal) {
  Task& of = world[task];
  if (fatal_signal_pending(world, task) || of.exiting) return false;
  of.jobctl.stop_pending = of.jobctl.stop_consume = true;
  of.jobctl.stop_signal = signal;
  return true;
}

/// task_clear_jobctl_pending(JOBCTL_STOP_PENDING)
void task_clear_stop_pending(Jobctl& jobctl) {
  jobctl.stop_pending = jobctl.stop_consume = jobctl.stop_dequeued = false;
}

/// signal_set_stop_flags: one of SIGNAL_STOP_STOPPED and SIGNAL_STOP_CONTINUED, or neither; what
/// the parent was still to be told is replaced.
void set_stop_flags(SignalStruct& group, bool stopped, bool continued) {
  group.stop_stopped = stopped;
  group.stop_continued = continued;
  group.cld_stopped = group.cld_continued = false;
}

/// True: with this thread the whole group has stopped, which the parent is to be told.
bool task_participate_group_stop(World& world, TaskIndex task) {
  Jobctl& jobctl = world[task].jobctl;
  const bool consume = jobctl.stop_consume;
  task_clear_stop_pending(jobctl);
  if (!consume) return false;
  SignalStruct& group = world.signal_of(task);
  if (group.group_stop_count != 0) --group.group_stop_count;
  if (group.group_stop_count != 0 || group.stop_stopped) return false;
  set_stop_flags(group, true, false);
  return true;
}

bool do_signal_stop(Kernel& kernel, TaskIndex task, Signal signal) {
  const Function in(kernel, "do_signal_stop", task);
  World& world = kernel.world;
  if (!world[task].jobctl.stop_pending) {
    const SignalStruct& group = world.signal_of(task);
    if (!world[task].jobctl.stop_dequeued || group.group_exit || group.group_exec) return false;
    begin_group_stop(kernel, task, signal);
  }
  if (is_traced(world, task)) {  // stops by the trap, so that the tracer hears of it
    if (!world[task].exiting) world[task].jobctl.trap_stop = true;
    return false;
  }
  if (!world[task].context) stop_read_threads(kernel, task);
  const bool last = task_participate_group_stop(world, task);
  set_state(kernel, task, TaskState::stopped);
  if (last) do_notify_parent_cldstop(kernel, task, false, si::kStopped);
  return true;
}

void do_notify_parent_cldstop(Kernel& kernel, TaskIndex task, bool for_ptracer, int why) {
  const Function in(kernel, "do_notify_parent_cldstop", task);
  World& world = kernel.world;
  const TaskIndex about = for_ptracer ? task : world.leader(task);
  const TaskIndex parent = for_ptracer ? world[task].parent : world[about].real_parent;
  if (!parent || world[parent].state == TaskState::released) return;
  SigInfo info{.signal = signals::kChld, .code = why};
  info.pid = task_pid_nr_ns(world, about, world[parent].pid_ns);
  if (world[about].cred) info.uid = world[world[about].cred].uid;
  info.status = status_of_stop(world, about, why);
  kernel.note({Event::Kind::stop_notify, about, parent, signals::kChld, why});
  const SighandStruct& table = world[world[parent].sighand];
  if (!table.ignored.has(signals::kChld) && !table.nocldstop) {
    Source source{Source::Kind::info, task, info};
    send_signal_locked(kernel, signals::kChld, source, parent, PidType::tgid);
  }
  wake_up_parent(kernel, about, parent);
}

/// do_jobctl_trap: a traced task stops for a group stop, or because its tracer wants it to.
void do_jobctl_trap(Kernel& kernel, TaskIndex task) {
  const Function in(kernel, "do_jobctl_trap", task);
  World& world = kernel.world;
  Signal signal = world[task].jobctl.stop_signal;
  if (!world[task].ptrace.seized)
    return ptrace_stop(kernel, task, signal.number(), si::kStopped, false);
  const SignalStruct& group = world.signal_of(task);
  if (group.group_stop_count == 0 && !group.stop_stopped) signal = signals::kTrap;
  constexpr int kEventStop = 128;  // PTRACE_EVENT_STOP
  ptrace_stop(kernel, task, signal.number() | kEventStop << 8, si::kStopped, false);
}

}  // namespace knell::kernel
