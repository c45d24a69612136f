/// kernel/exit.c: a task ends, step by step, and gives back what it had.

#include <array>
#include <utility>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

/// A World while one task is on its way out of it.
struct Leaving {
  Kernel& kernel;
  TaskIndex task;
  int code;
  bool sent = false;   ///< signals to others
  bool waits = false;  ///< the end of a namespace's init has to wait: the rest comes later
};

/// In 5.17 the first to leave by itself became the one who decides for the group.
void synchronize_group_exit(Leaving& leaving) {
  SignalStruct& group = leaving.kernel.world.signal_of(leaving.task);
  if (group.live > 1 || group.group_exit) return;
  group.group_exit = true;
  group.group_exit_code = leaving.code;
  group.group_stop_count = 0;
  group.stop_stopped = group.stop_continued = group.cld_stopped = group.cld_continued = false;
}

void leave_signals(Leaving& leaving) {
  exit_signals(leaving.kernel, leaving.task);
  World& world = leaving.kernel.world;
  world[leaving.task].signal_pending = false;
  SignalStruct& group = world.signal_of(leaving.task);
  // Threads that were not read (Known::threads) go with the one that stands for them.
  if (!world[leaving.task].context && !has(world[leaving.task].known, Known::threads) &&
      !world[world.leader(leaving.task)].next_thread)
    group.live = group.nr_threads = 1;
  world[leaving.task].group_dead = --group.live == 0;
}

void cancel_timers(Leaving& leaving) {
  leaving.kernel.world.signal_of(leaving.task).real_timer = {};
}

void set_exit_code(Leaving& leaving) {
  leaving.kernel.world[leaving.task].exit_code = leaving.code;
}

void leave_mm(Leaving& leaving) {
  mm_release(leaving.kernel, leaving.task);
  exit_mm(leaving.kernel, leaving.task);
}

void leave_sem(Leaving& leaving) {
  exit_sem(leaving.kernel, leaving.task);
}

void leave_files(Leaving& leaving) {
  World& world = leaving.kernel.world;
  world[leaving.task].closing = put_files_struct(leaving.kernel, leaving.task);
}

/// Only now pipes, flock's locks and terminals hear of it: the leader of a session still has its
/// terminal in disassociate_ctty, even if it was the last to have it open.
void run_task_work(Leaving& leaving) {
  const auto closing = std::exchange(leaving.kernel.world[leaving.task].closing, {});
  for (const FileIndex file : closing) fput(leaving.kernel, file);
}

void leave_ctty(Leaving& leaving) {
  const World& world = leaving.kernel.world;
  leaving.sent = world.signal_of(leaving.task).leads_session;
  disassociate_ctty(leaving.kernel, leaving.task, true);
}

void notify(Leaving& leaving) {
  exit_notify(leaving.kernel, leaving.task, leaving.kernel.world[leaving.task].group_dead);
  const Task& task = leaving.kernel.world[leaving.task];
  leaving.waits = task.in_zap || task.exit_step != 0;
}

/// One step of do_exit. Those without an action give back what a World does not hold.
struct ExitStep {
  std::string_view name;
  void (*action)(Leaving&) = nullptr;
  bool last_only = false;  ///< only the last thread of the group comes here
  KernelVersion since = KernelVersion::v3_10;
  KernelVersion until = kNewest;  ///< the last one that has it (at this place)
};

using enum KernelVersion;

/// docs/kernel.md has the table with its sources. 6.18 moved the cgroup's part behind exit_notify,
/// and tells of the end (trace_sched_process_exit) before the memory goes.
constexpr std::array kExitSteps = {
    ExitStep{"profile_task_exit", nullptr, false, v3_10, v5_10},
    ExitStep{"synchronize_group_exit", synchronize_group_exit, false, v6_1},
    ExitStep{"coredump_task_exit", nullptr, false, v6_1},
    ExitStep{"ptrace_event(PTRACE_EVENT_EXIT)"},
    ExitStep{"validate_creds_for_do_exit", nullptr, false, v3_10, v6_1},
    ExitStep{"io_uring_files_cancel", nullptr, false, v5_10},
    ExitStep{"exit_signals", leave_signals},
    ExitStep{"seccomp_filter_release", nullptr, false, v6_12},
    ExitStep{"acct_update_integrals"},
    ExitStep{"hrtimer_cancel(real_timer)", cancel_timers, true},
    ExitStep{"exit_itimers", nullptr, true},
    ExitStep{"acct_collect"},
    ExitStep{"tty_audit_exit", nullptr, true},
    ExitStep{"audit_free"},
    ExitStep{"tsk->exit_code = code", set_exit_code},
    ExitStep{"taskstats_exit"},
    ExitStep{"trace_sched_process_exit", nullptr, false, v6_18},
    ExitStep{"perf_event_exit_task", nullptr, false, v6_18},
    ExitStep{"exit_mm", leave_mm},
    ExitStep{"acct_process", nullptr, true},
    ExitStep{"trace_sched_process_exit", nullptr, false, v3_10, v6_12},
    ExitStep{"exit_sem", leave_sem},
    ExitStep{"exit_shm"},
    ExitStep{"exit_files", leave_files},
    ExitStep{"exit_fs"},
    ExitStep{"disassociate_ctty", leave_ctty, true},
    ExitStep{"exit_task_namespaces"},
    ExitStep{"exit_task_work", run_task_work},
    ExitStep{"exit_thread"},
    ExitStep{"perf_event_exit_task", nullptr, false, v3_10, v6_12},
    ExitStep{"sched_autogroup_exit_task", nullptr, false, v5_10},
    ExitStep{"cgroup_exit", nullptr, false, v3_10, v6_12},
    ExitStep{"flush_ptrace_hw_breakpoint"},
    ExitStep{"proc_exit_connector", nullptr, false, v3_10, v3_10},
    ExitStep{"exit_tasks_rcu_start", nullptr, false, v5_10},
    ExitStep{"exit_notify", notify},
};

/// Behind exit_notify, which may have had to wait.
constexpr std::array kLastSteps = {
    ExitStep{"proc_exit_connector", nullptr, false, v3_16},
    ExitStep{"mpol_put_task_policy"},
    ExitStep{"exit_io_context"},
    ExitStep{"free_pipe_info"},
    ExitStep{"check_stack_usage"},
    ExitStep{"exit_rcu"},
    ExitStep{"exit_tasks_rcu_finish", nullptr, false, v5_10},
    ExitStep{"do_task_dead", nullptr, false, v5_10},
    ExitStep{"schedule", nullptr, false, v3_10, v3_16},
};

void take(Leaving& leaving, const ExitStep& step) {
  Kernel& kernel = leaving.kernel;
  if (step.last_only && !kernel.world[leaving.task].group_dead) return;
  if (kernel.version < step.since || kernel.version > step.until) return;
  const Function in(kernel, step.name, leaving.task);
  if (kernel.steps) kernel.note({Event::Kind::step, leaving.task, {}, {}, 0, step.name});
  if (step.action != nullptr) step.action(leaving);
}

void take_last_steps(Kernel& kernel, TaskIndex task) {
  Leaving leaving{kernel, task, 0};
  if (kernel.steps)
    for (const ExitStep& step : kLastSteps) take(leaving, step);
}

/// The end goes on with that step when the task is next to run.
void give_way(Kernel& kernel, TaskIndex task, std::size_t step) {
  kernel.world[task].exit_step = static_cast<std::uint8_t>(step + 1);
  enqueue_first(kernel, task);
}

/// From one step on. Where tasks may be preempted, whoever a step wakes may run before the next is
/// taken: the parent of a vfork is back in its program before it is told of the end.
void take_steps(Leaving& leaving, std::size_t from) {
  World& world = leaving.kernel.world;
  for (std::size_t i = from; i < kExitSteps.size(); ++i) {
    const std::size_t woken = world.run_queue.size();
    take(leaving, kExitSteps[i]);
    const bool last = i + 1 == kExitSteps.size();
    if (!leaving.kernel.preemptible() || last || world.run_queue.empty()) continue;
    // A thread that is on its way out is no heir any more, but keeps its leader waiting.
    const bool leaves =
        kExitSteps[i].action == leave_signals && !thread_group_empty(world, leaving.task);
    // Whom the terminal's signals do not wake, because they are awake, may take them all the same.
    const bool signals = kExitSteps[i].action == leave_ctty && leaving.sent;
    if (!leaves && !signals && world.run_queue.size() <= woken) continue;
    return give_way(leaving.kernel, leaving.task, i + 1);
  }
  if (!leaving.waits) take_last_steps(leaving.kernel, leaving.task);
}

/// Where an end goes on whose reason is not decided: others may give theirs first.
constexpr std::size_t kUndecided = 254;
/// And where one does that is within exit_notify.
constexpr std::size_t kReparented = 253;

/// do_exit before its first step. `gives_way`: others may come between.
void begin_exit(Kernel& kernel, TaskIndex task, int code, bool gives_way) {
  const Function in(kernel, "do_exit", task);
  Task& of = kernel.world[task];
  if (of.context) finish_wait(kernel, task);
  of.in_execve = of.in_vfork = of.ptrace.delivering = of.ptrace.in_stop = false;
  if (of.state != TaskState::running) set_state(kernel, task, TaskState::running);
  of.exit_code = code;
  if (gives_way && kernel.preemptible() && !kernel.world.run_queue.empty())
    return give_way(kernel, task, 0);
  Leaving leaving{kernel, task, code};
  take_steps(leaving, 0);
}

/// do_group_exit, from where it takes the lock.
void decide_group_exit(Kernel& kernel, TaskIndex task, int code) {
  World& world = kernel.world;
  SignalStruct& group = world.signal_of(task);
  const bool decides = !group.group_exit && !group.group_exec;
  if (group.group_exit) {
    code = group.group_exit_code;  // the first reason given is the one reported
  } else if (group.group_exec) {
    code = 0;
  } else {
    group.group_exit = true;
    group.group_exit_code = code;
    group.stop_stopped = group.stop_continued = group.cld_stopped = group.cld_continued = false;
    kernel.note({Event::Kind::group_exit, task, {}, {}, code});
    if (!thread_group_empty(world, task)) zap_other_threads(kernel, task);
  }
  begin_exit(kernel, task, code, decides);
}

}  // namespace

/// Between taking the signal and deciding lies the dump of a core: meanwhile others may run.
void do_group_exit(Kernel& kernel, TaskIndex task, int code) {
  const Function in(kernel, "do_group_exit", task);
  const SignalStruct& group = kernel.world.signal_of(task);
  const bool undecided = !group.group_exit && !group.group_exec;
  if (!undecided || !kernel.preemptible() || kernel.world.run_queue.empty())
    return decide_group_exit(kernel, task, code);
  kernel.world[task].exit_code = code;
  give_way(kernel, task, kUndecided);
}

void do_exit(Kernel& kernel, TaskIndex task, int code) {
  begin_exit(kernel, task, code, false);
}

void give_way_in_exit_notify(Kernel& kernel, TaskIndex task) {
  give_way(kernel, task, kReparented);
}

void resume_exit(Kernel& kernel, TaskIndex task) {
  Leaving leaving{kernel, task, kernel.world[task].exit_code};
  const std::size_t step = kernel.world[task].exit_step - 1U;
  kernel.world[task].exit_step = 0;
  if (step == kUndecided) return decide_group_exit(kernel, task, leaving.code);
  if (step == kReparented) {
    finish_exit_notify(kernel, task);
    if (kernel.world[task].exit_step == 0) take_last_steps(kernel, task);
    return;
  }
  take_steps(leaving, step);
}

void exit_mm(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const MmIndex mm = world[task].mm;
  if (!mm) return;
  world[task].mm = {};
  if (--world[mm].users > 0) return;
  exit_shm(kernel, mm);
  kernel.note(
      {Event::Kind::exit_mm, task, {}, {}, static_cast<std::int64_t>(world[mm].private_bytes)});
  world[mm] = MmStruct{.users = 0};
}

/// mm_release of kernel/fork.c: robust locks first, then the parent of a vfork.
void mm_release(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  exit_robust_list(kernel, task);
  const TaskIndex parent = world[task].vfork_parent;
  if (!parent) return;
  world[task].vfork_parent = {};
  if (world[parent].vfork_child != task) return;
  world[parent].vfork_child = {};
  if (world[parent].in_vfork) wake_up_process(kernel, parent);
}

void exit_group(Kernel& kernel, TaskIndex current, int code) {
  do_group_exit(kernel, current, WaitStatus::exited(code).word());
}

}  // namespace knell::kernel
