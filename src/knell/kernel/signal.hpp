#pragma once

/// Between the files of this room: signals. kernel/signal.c and arch/x86/kernel/signal.c of Linux.

#include <span>

#include "knell/kernel/kernel.hpp"
#include "knell/kernel/trace.hpp"

namespace knell::kernel {

/// Who sends, and what comes with it (Linux: `current` and kernel_siginfo, or one of the special
/// values SEND_SIG_NOINFO and SEND_SIG_PRIV).
struct Source {
  enum class Kind : std::uint8_t {
    info,    ///< `info` as it is
    noinfo,  ///< SEND_SIG_NOINFO: SI_USER from `task`
    priv,    ///< SEND_SIG_PRIV: the kernel itself, which asks nobody's permission
  };
  Kind kind = Kind::priv;
  TaskIndex task;  ///< `current`; none: the kernel, or nobody of this World
  SigInfo info{};

  static Source kernel() { return {}; }
  /// kill(2): prepare_kill_siginfo.
  static Source user(const World& world, TaskIndex current, Signal signal, int code);
};

// Queues: pending.cpp
/// Linux: sigqueue_alloc, and what send_signal does with it. False: the limit is reached.
bool enqueue(World& world, TaskIndex target, SigPending& pending, const SigInfo& info,
             bool override_rlimit);
/// Linux: __dequeue_signal. No signal: number 0.
SigInfo dequeue_from(World& world, SigPending& pending, SigSet blocked);
SigInfo dequeue_signal(Kernel& kernel, TaskIndex task, SigSet blocked);
SigInfo dequeue_synchronous_signal(World& world, TaskIndex task);
void flush_sigqueue_mask(World& world, SigPending& pending, SigSet mask);
void flush_sigqueue(World& world, SigPending& pending);

// Sending: send.cpp
int check_kill_permission(Kernel& kernel, Signal signal, const Source& source, TaskIndex target);
int group_send_sig_info(Kernel& kernel, Signal signal, Source& source, TaskIndex target,
                        PidType type);
int kill_pgrp_info(Kernel& kernel, Signal signal, Source& source, Pgid group);
int send_signal_locked(Kernel& kernel, Signal signal, Source& source, TaskIndex target,
                       PidType type);
/// Sends without looking who sends. `force`: from an ancestor pid namespace, or the kernel.
int __send_signal_locked(Kernel& kernel, Signal signal, const Source& source, TaskIndex target,
                         PidType type, bool force);
void force_sig_fault(Kernel& kernel, TaskIndex task, Signal signal, int code);
void signal_wake_up(Kernel& kernel, TaskIndex task, bool fatal);
void recalc_sigpending(World& world, TaskIndex task);
void recalc_sigpending_and_wake(Kernel& kernel, TaskIndex task);
void retarget_shared_pending(Kernel& kernel, TaskIndex task, SigSet which);
void set_task_blocked(Kernel& kernel, TaskIndex task, SigSet blocked);
void set_current_blocked(Kernel& kernel, TaskIndex task, SigSet blocked);
void exit_signals(Kernel& kernel, TaskIndex task);
void zap_other_threads(Kernel& kernel, TaskIndex task);
bool fatal_signal_pending(const World& world, TaskIndex task);

// Sending, as calls: kill.cpp
std::int64_t sys_kill(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_tkill(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_tgkill(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_rt_sigqueueinfo(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_rt_tgsigqueueinfo(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_pidfd_send_signal(Kernel& kernel, TaskIndex current, const Call& call);

// Delivering: deliver.cpp. Takes signals until one ends or stops the task, one is for a handler,
// or none is left. The signal for a handler; number 0: none.
SigInfo get_signal(Kernel& kernel, TaskIndex task);

// Handlers: frame.cpp
/// On the way to user mode, for as long as there are signals; then into the program.
void exit_to_user_mode(Kernel& kernel, TaskIndex task);
/// One thing that the program does by itself: a handler begins, or returns.
void user_step(Kernel& kernel, TaskIndex task);
void sigreturn(Kernel& kernel, TaskIndex task);

// Stopping: stop.cpp
/// True: the task stopped.
bool do_signal_stop(Kernel& kernel, TaskIndex task, Signal signal);
bool task_participate_group_stop(World& world, TaskIndex task);
void do_notify_parent_cldstop(Kernel& kernel, TaskIndex task, bool for_ptracer, int why);
void do_jobctl_trap(Kernel& kernel, TaskIndex task);
void set_stop_flags(SignalStruct& group, bool stopped, bool continued);
/// True: with these flags the task is told to do it (it is not about to die).
bool task_set_stop_pending(World& world, TaskIndex task, Signal signal);
void task_clear_stop_pending(Jobctl& jobctl);

// Process groups: pgrp.cpp
/// SIGHUP and SIGCONT to a group with stopped jobs that the end of `task` leaves without anybody
/// to continue it. `parent`: the one that ends, none if it is `task` itself.
void kill_orphaned_pgrp(Kernel& kernel, TaskIndex task, TaskIndex parent);
bool is_current_pgrp_orphaned(const World& world, TaskIndex task);

/// How a task takes a signal, from its handler table.
inline Handler handler_of(const World& world, TaskIndex task, Signal signal) {
  const SighandStruct& table = world[world[task].sighand];
  if (signals::kKernelOnly.has(signal)) return Handler::by_default;
  if (table.caught.has(signal))
    return table.returns.has(signal) ? Handler::returns : Handler::holds;
  return table.ignored.has(signal) ? Handler::ignore : Handler::by_default;
}
[[nodiscard]] inline bool ignored_by(Handler handler, Signal signal) {  // sig_handler_ignored
  return handler == Handler::ignore ||
         (handler == Handler::by_default && signals::kKernelIgnore.has(signal));
}

/// Threads that were read; a group of which only the leader was read has no others here.
template <class Function>
void for_each_thread(const World& world, TaskIndex task, Function function) {
  for (TaskIndex thread = world.leader(task); thread; thread = world[thread].next_thread)
    function(thread);
}

/// next_thread: round the group.
[[nodiscard]] inline TaskIndex next_thread(const World& world, TaskIndex task) {
  const TaskIndex next = world[task].next_thread;
  return next ? next : world.leader(task);
}

[[nodiscard]] inline bool thread_group_empty(const World& world, TaskIndex task) {
  const TaskIndex head = world.leader(task);
  return !world[head].next_thread && world.signal_of(head).nr_threads <= 1;
}
[[nodiscard]] inline bool thread_group_leader(const World& world, TaskIndex task) {
  return world.leader(task) == task;
}
[[nodiscard]] inline bool same_thread_group(const World& world, TaskIndex a, TaskIndex b) {
  return world[a].signal == world[b].signal;
}
/// A tracer comes between the task and its real parent's process.
[[nodiscard]] inline bool ptrace_reparented(const World& world, TaskIndex task) {
  const Task& of = world[task];
  return of.parent != of.real_parent &&
         (!of.parent || !of.real_parent || !same_thread_group(world, of.real_parent, of.parent));
}

}  // namespace knell::kernel
