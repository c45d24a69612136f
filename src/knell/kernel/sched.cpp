/// kernel/sched/core.c: tasks sleep, are woken, and run.

#include "knell/kernel/sched.hpp"

#include <algorithm>
#include <utility>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

bool has_ended(const World& world, TaskIndex task) {
  const Task& of = world[task];
  return of.state == TaskState::zombie || of.state == TaskState::dead ||
         of.state == TaskState::released;
}

void take_off_queue(World& world, TaskIndex task) {
  if (!world[task].on_rq) return;
  world[task].on_rq = false;
  std::vector<TaskIndex>& queue = world.run_queue;
  if (queue.front() == task)
    queue.erase(queue.begin());
  else
    std::erase(queue, task);
}

/// The call has done its work. Whom it woke may run already now, and the caller later: then it is
/// the first of the run queue, but need not be the first to run.
void leave_call(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (!kernel.preemptible() || world.run_queue.empty()) return exit_to_user_mode(kernel, task);
  enqueue_first(kernel, task);
}

/// The parent of a vfork: asleep until the child lets go of its memory, or a fatal signal.
void resume_vfork(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  Task& of = world[task];
  if (of.vfork_child && !fatal_signal_pending(world, task)) {
    set_state(kernel, task, TaskState::disk_sleep);
    return;
  }
  of.in_vfork = of.killable = false;
  of.vfork_child = {};
  world[of.context].in_call = false;
  exit_to_user_mode(kernel, task);
}

/// What it waits for is not looked at: a mutex is taken by the program, and a signal comes before
/// it is back there; a lock is only asked for again by who was woken for it.
bool comes_too_early(const World& world, TaskIndex task, const Call& call) {
  if (call.nr == Sys::robust_lock) return world[task].signal_pending;
  return waits_for_lock(world, task);
}

/// Somebody asleep in a call was woken: what it waits for may be there, or a signal.
void resume_call(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const Call call = world[world[task].context].regs.call;
  Outcome outcome = comes_too_early(world, task, call) ? Outcome() : dispatch(kernel, task, call);
  if (!outcome && world[task].signal_pending) outcome = interrupted(kernel, task, call);
  if (!outcome) {
    set_state(kernel, task, TaskState::sleeping);
    return;
  }
  finish_wait(kernel, task);
  UserContext& context = world[world[task].context];
  context.regs.next = Regs::Next::result;
  context.regs.result.nr = call.nr;
  context.regs.result.value = *outcome;
  leave_call(kernel, task);
}

/// fdget: another thread may close the descriptor meanwhile.
void hold_file(World& world, TaskIndex task) {
  UserContext& context = world[world[task].context];
  const Call& call = context.regs.call;
  if (call.nr != Sys::read && call.nr != Sys::write && call.nr != Sys::flock &&
      call.nr != Sys::fcntl_setlk)
    return;
  context.file = lookup_fd(world, task, call.arg[0]);
  if (context.file) ++world[context.file].refs;
}

void join_sleepers(World& world, TaskIndex task, const Call& call) {
  const TaskIndex behind = call.nr == Sys::read ? tty_reader_behind(world, task) : TaskIndex();
  world.sleepers.insert(behind ? std::ranges::find(world.sleepers, behind) : world.sleepers.end(),
                        task);
}

}  // namespace

void set_state(Kernel& kernel, TaskIndex task, TaskState state) {
  Task& of = kernel.world[task];
  if (of.state == TaskState::stopped) --kernel.stopped_tasks;
  if (state == TaskState::stopped) ++kernel.stopped_tasks;
  of.state = state;
  if (state != TaskState::running) take_off_queue(kernel.world, task);
}

void wake_up_process(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (has_ended(world, task)) return;
  set_state(kernel, task, TaskState::running);
  if (task != kernel.current) enqueue_task(kernel, task);
}

void enqueue_task(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (world[task].on_rq) return;
  world[task].on_rq = true;
  world.run_queue.push_back(task);
}

bool another_thread_will_run(const World& world, TaskIndex task) {
  return std::ranges::any_of(world.run_queue, [&](TaskIndex other) {
    return other != task && same_thread_group(world, other, task);
  });
}

void enqueue_first(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (world[task].on_rq) return;
  world[task].on_rq = true;
  world.run_queue.insert(world.run_queue.begin(), task);
}

void finish_wait(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  UserContext& context = world[world[task].context];
  if (!context.in_call) return;
  context.in_call = false;
  std::erase(world.sleepers, task);
  locks_delete_block(kernel, task);
  const FileIndex file = std::exchange(context.file, {});
  if (!file) return;
  if (context.regs.call.nr == Sys::read && world[file].tty) tty_read_over(kernel, file);
  fput(kernel, file);
}

void do_syscall(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const Call call = world[world[task].context].regs.call;
  world[world[task].context].regs.result = {};
  Outcome outcome = dispatch(kernel, task, call);
  const Task& of = world[task];
  if (of.exiting || of.exit_step != 0 || has_ended(world, task) || of.in_execve || of.in_vfork)
    return;
  UserContext& context = world[of.context];
  if (!outcome && of.signal_pending) {
    context.in_call = true;  // as if it had slept for a moment
    outcome = interrupted(kernel, task, call);
    finish_wait(kernel, task);
  }
  if (!outcome) {
    hold_file(world, task);
    context.in_call = true;
    join_sleepers(world, task, call);
    set_state(kernel, task, TaskState::sleeping);
    kernel.note({Event::Kind::sleep, task, {}, {}, 0, name_of(call.nr)});
    return;
  }
  if (call.nr == Sys::rt_sigreturn && *outcome == 0) return;  // it has gone on elsewhere
  context.regs.next = Regs::Next::result;
  context.regs.result.nr = call.nr;
  context.regs.result.value = *outcome;
  leave_call(kernel, task);
}

bool accepts_calls(const World& world, TaskIndex task) {
  const Task& of = world[task];
  if (of.state != TaskState::running || of.on_rq || of.exiting || !of.context || of.in_execve)
    return false;
  const UserContext& context = world[of.context];
  return !context.in_call && context.regs.next == Regs::Next::program &&
         (context.frames.empty() || context.frames.back().entered);
}

void sys_enter(Kernel& kernel, TaskIndex current, const Call& call) {
  kernel.note({Event::Kind::sys_enter, current, {}, {}, 0, name_of(call.nr)});
  UserContext& context = kernel.world[kernel.world[current].context];
  context.regs.next = Regs::Next::call;
  context.regs.call = call;
  context.regs.has_slept = false;
  context.waits_until = 0;
  kernel.current = current;
  do_syscall(kernel, current);
  kernel.current = {};
}

namespace {

/// Having laid a handler's frame it looks at the signals of all once more (signal_delivered:
/// set_current_blocked), and may find one that came meanwhile and that another thread was woken
/// for.
bool may_take_anothers_signal(Kernel& kernel, TaskIndex task) {
  const World& world = kernel.world;
  const UserContext& context = world[world[task].context];
  if (context.frames.empty() || context.frames.back().entered || world[task].signal_pending)
    return false;
  const SigSet waiting = world.signal_of(task).shared_pending.signal & ~world[task].blocked;
  return !waiting.empty() && kernel.either();
}

/// From where it is to where it sleeps, stops, ends, or has taken a step in its program.
void go_on(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  Task& of = world[task];
  if (has_ended(world, task) || of.kernel_thread) return;
  if (of.in_zap) return finish_zap(kernel, task);
  if (of.exit_step != 0) return resume_exit(kernel, task);
  if (of.exiting) return;
  if (of.in_execve) return resume_execve(kernel, task);
  if (of.in_vfork) return resume_vfork(kernel, task);
  if (!of.context) {
    return exit_to_user_mode(kernel, task);
  }
  const UserContext& context = world[of.context];
  if (context.in_call) return resume_call(kernel, task);
  if (may_take_anothers_signal(kernel, task)) recalc_sigpending(world, task);
  if (of.signal_pending || of.ptrace.in_stop || context.regs.next != Regs::Next::program)
    return exit_to_user_mode(kernel, task);
  user_step(kernel, task);
}

}  // namespace

void run(Kernel& kernel, TaskIndex task) {
  take_off_queue(kernel.world, task);
  kernel.current = task;
  go_on(kernel, task);
  kernel.current = {};
}

void run_meanwhile(Kernel& kernel, TaskIndex task) {
  const TaskIndex current = kernel.current;
  run(kernel, task);
  kernel.current = current;
}

void run_to_rest(Kernel& kernel) {
  while (!kernel.world.run_queue.empty()) run(kernel, kernel.world.run_queue.front());
}

}  // namespace knell::kernel
