/// kernel/signal.c: a signal is sent.
///
/// check_kill_permission → do_send_sig_info → send_signal_locked → prepare_signal →
/// complete_signal → signal_wake_up. Nothing is delivered here, with one exception that matters:
/// complete_signal decides the end of a whole group already now if the signal is sure to be fatal.

#include <cerrno>

#include "knell/kernel/sched.hpp"
#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

// The inode of the first user namespace: PROC_USER_INIT_INO, include/linux/proc_ns.h.
constexpr NamespaceId kInitUserNs{0xEFFFFFFD};

/// ns_capable(CAP_KILL) of kernel/capability.c, as far as a World knows user namespaces: they are
/// told apart, not their tree, so a capability counts in its own and, from the first, in all.
bool may_kill_in(const Cred& sender, NamespaceId target) {
  if ((sender.cap_effective >> kCapKill & 1) == 0) return false;
  const bool told_apart = sender.user_ns != NamespaceId{} && target != NamespaceId{};
  return !told_apart || sender.user_ns == target || sender.user_ns == kInitUserNs;
}

bool kill_ok_by_cred(const World& world, TaskIndex current, TaskIndex target) {
  const CredIndex mine = world[current].cred;
  const CredIndex theirs = world[target].cred;
  if (!mine || !theirs) return true;  // not read: nothing speaks against it
  const Cred& cred = world[mine];
  const Cred& tcred = world[theirs];
  const bool same_namespace = cred.user_ns == tcred.user_ns || cred.user_ns == NamespaceId{} ||
                              tcred.user_ns == NamespaceId{};
  if (same_namespace && (cred.euid == tcred.suid || cred.euid == tcred.uid ||
                         cred.uid == tcred.suid || cred.uid == tcred.uid))
    return true;
  return may_kill_in(cred, tcred.user_ns);
}

/// sig_task_ignored
bool sig_task_ignored(const Kernel& kernel, TaskIndex target, Signal signal, bool force) {
  const World& world = kernel.world;
  const Handler handler = handler_of(world, target, signal);
  // Before 4.15 whatever was forced went through; since then only what cannot be caught.
  const bool forced =
      kernel.version < KernelVersion::v5_10 ? force : force && signals::kKernelOnly.has(signal);
  if (world.signal_of(target).unkillable && handler == Handler::by_default && !forced) return true;
  if (world[target].kernel_thread) return true;  // ignore_signals(): SIG_IGN for every one
  return ignored_by(handler, signal);
}

/// sig_ignored: a blocked signal stays, since its handler may change before it is unblocked; a
/// tracer wants to see it first.
bool sig_ignored(const Kernel& kernel, TaskIndex target, Signal signal, bool force) {
  const Task& task = kernel.world[target];
  if (task.blocked.has(signal) || task.real_blocked.has(signal)) return false;
  if (is_traced(kernel.world, target) && signal != signals::kKill) return false;
  return sig_task_ignored(kernel, target, signal, force);
}

void flush_group(World& world, TaskIndex target, SigSet mask) {
  flush_sigqueue_mask(world, world.signal_of(target).shared_pending, mask);
  for_each_thread(world, target,
                  [&](TaskIndex t) { flush_sigqueue_mask(world, world[t].pending, mask); });
}

/// What was read of a machine does not say that a group has stopped: its threads do.
void note_stop_of_read_group(World& world, TaskIndex target) {
  if (!world[target].context && world[world.leader(target)].state == TaskState::stopped)
    world.signal_of(target).stop_stopped = true;
}

/// The part of prepare_signal for SIGCONT: whoever is stopped goes on, whatever becomes of it.
void prepare_cont(Kernel& kernel, TaskIndex target) {
  World& world = kernel.world;
  note_stop_of_read_group(world, target);
  flush_group(world, target, signals::kKernelStop);
  bool any = false;
  for_each_thread(world, target, [&](TaskIndex thread) {
    Task& task = world[thread];
    task_clear_stop_pending(task.jobctl);
    if (task.ptrace.seized) {
      task.jobctl.trap_late = task.on_rq && kernel.either();
      return ptrace_trap_notify(kernel, thread);
    }
    if (task.state != TaskState::stopped) return;
    any = true;
    task.signal_pending = true;  // it looks around: SIGNAL_CLD_CONTINUED, and what came meanwhile
    wake_up_process(kernel, thread);
  });
  SignalStruct& group = world.signal_of(target);
  const bool was_stopped = group.stop_stopped;
  if (was_stopped || group.group_stop_count != 0) {
    // If the stop was only half-way, the parent is told of it all the same.
    set_stop_flags(group, false, true);
    group.cld_continued = was_stopped;
    group.cld_stopped = !was_stopped;
    group.group_stop_count = 0;
    group.group_stop_code = 0;
  }
  if (any) kernel.note({Event::Kind::job_continue, target, {}, signals::kCont, 0});
}

/// prepare_signal: what a signal undoes before it is queued; false if it is dropped.
bool prepare_signal(Kernel& kernel, Signal signal, TaskIndex target, bool force) {
  const Function in(kernel, "prepare_signal", target);
  World& world = kernel.world;
  if (world.signal_of(target).group_exit) return false;  // in the middle of dying
  if (signals::kKernelStop.has(signal)) flush_group(world, target, SigSet{signals::kCont});
  if (signal == signals::kCont) prepare_cont(kernel, target);
  return !sig_ignored(kernel, target, signal, force);
}

/// sig_fatal
bool sig_fatal(const World& world, TaskIndex target, Signal signal) {
  return !(signals::kKernelIgnore | signals::kKernelStop).has(signal) &&
         handler_of(world, target, signal) == Handler::by_default;
}

/// The signal ends the group as soon as there is a thread that wants it.
bool decides_at_once(const Kernel& kernel, Signal signal, TaskIndex target) {
  const World& world = kernel.world;
  // Before 4.15 an init's end was left to get_signal, and by 6.18.44 it is again, but for KILL.
  const bool leaves = kernel.version < KernelVersion::v5_10 ||
                      (kernel.version >= KernelVersion::v6_18_44 && signal != signals::kKill);
  const bool left = leaves && world.signal_of(target).unkillable;
  return !left && !signals::kKernelCoredump.has(signal) && sig_fatal(world, target, signal) &&
         !world.signal_of(target).group_exit &&
         (signal == signals::kKill || !is_traced(world, target));
}

/// wants_signal. One who has to look for signals already is left alone, unless it is on a processor
/// (task_curr): the sender is, and who was woken may be.
bool wants_signal(Kernel& kernel, Signal signal, TaskIndex thread, TaskIndex current,
                  bool matters) {
  const Task& task = kernel.world[thread];
  if (task.blocked.has(signal) || task.exiting) return false;
  if (signal == signals::kKill) return true;
  if (task.state == TaskState::stopped || task.state == TaskState::traced) return false;
  if (thread == current || !task.signal_pending) return true;
  return matters && task.on_rq && kernel.either();
}

/// The thread that will take it; none: nobody needs waking, any that unblocks it will.
TaskIndex thread_for(Kernel& kernel, Signal signal, TaskIndex target, PidType type,
                     TaskIndex current) {
  World& world = kernel.world;
  const bool only_one = type == PidType::pid || thread_group_empty(world, target);
  const bool matters =
      kernel.preemptible() && (!only_one || decides_at_once(kernel, signal, target));
  if (wants_signal(kernel, signal, target, current, matters)) return target;
  if (only_one) return {};
  SignalStruct& group = world.signal_of(target);
  const TaskIndex first = group.curr_target ? group.curr_target : group.leader;
  TaskIndex thread = first;
  while (!wants_signal(kernel, signal, thread, current, matters)) {
    thread = next_thread(world, thread);
    if (thread == first) return {};
  }
  group.curr_target = thread;
  return thread;
}

/// complete_signal's fatal half: the end of the whole group begins now.
void begin_group_exit(Kernel& kernel, Signal signal, TaskIndex target) {
  World& world = kernel.world;
  SignalStruct& group = world.signal_of(target);
  group.group_exit = true;
  group.group_exit_code = signal.number();
  group.group_stop_count = 0;
  group.stop_stopped = group.stop_continued = group.cld_stopped = group.cld_continued = false;
  kernel.note({Event::Kind::group_exit, target, {}, signal, signal.number()});
  for_each_thread(world, target, [&](TaskIndex thread) {
    task_clear_stop_pending(world[thread].jobctl);
    world[thread].jobctl.trap_stop = world[thread].jobctl.trap_notify = false;
    world[thread].pending.signal.add(signals::kKill);
    signal_wake_up(kernel, thread, true);
  });
}

/// Who was woken for another signal may have begun to deliver it: with its handler's frame comes
/// the handler's mask, but the end that is decided now does not ask for that any more.
void may_be_delivering(Kernel& kernel, Signal signal, TaskIndex thread) {
  World& world = kernel.world;
  const Task& task = world[thread];
  if (!kernel.preemptible() || !task.on_rq || !task.signal_pending || !task.context) return;
  if (is_traced(world, thread) || task.exit_step != 0 || task.exiting) return;
  if (world[task.context].taken.signal.number() != 0) return;  // it has begun with another
  const SigSet not_now = task.blocked | SigSet{signal};
  const SigSet ready =
      (task.pending.signal | world.signal_of(thread).shared_pending.signal) & ~not_now;
  if (ready.empty() || ready != (ready & world[task.sighand].caught)) return;
  if (kernel.either()) world[task.context].taken = dequeue_signal(kernel, thread, not_now);
}

/// complete_signal
void complete_signal(Kernel& kernel, Signal signal, TaskIndex target, PidType type,
                     TaskIndex current) {
  const Function in(kernel, "complete_signal", target);
  const TaskIndex thread = thread_for(kernel, signal, target, type, current);
  if (!thread) return;
  const bool waited_for = kernel.world[thread].real_blocked.has(signal);
  if (!waited_for && decides_at_once(kernel, signal, target)) {
    may_be_delivering(kernel, signal, thread);
    return begin_group_exit(kernel, signal, target);
  }
  signal_wake_up(kernel, thread, signal == signals::kKill);
}

/// has_si_pid_and_uid
bool has_si_pid_and_uid(const SigInfo& info) {
  return info.code <= si::kUser || info.signal == signals::kChld;
}

/// signalfd_notify: readers of a signalfd look again.
void signalfd_notify(Kernel& kernel, TaskIndex target) {
  if (kernel.world.sleepers.empty()) return;
  wake_up_all(kernel, [&](TaskIndex sleeper) {
    return same_thread_group(kernel.world, sleeper, target) &&
           reads_signalfd(kernel.world, sleeper);
  });
}

}  // namespace

Source Source::user(const World& world, TaskIndex current, Signal signal, int code) {
  SigInfo info{.signal = signal, .code = code};
  if (current) {
    info.pid = task_pid_vnr(world, world.leader(current));
    if (world[current].cred) info.uid = world[world[current].cred].uid;
  }
  return {Kind::info, current, info};
}

bool fatal_signal_pending(const World& world, TaskIndex task) {
  return world[task].signal_pending && world[task].pending.signal.has(signals::kKill);
}

/// check_kill_permission
int check_kill_permission(Kernel& kernel, Signal signal, const Source& source, TaskIndex target) {
  const Function in(kernel, "check_kill_permission", target);
  if (!signal.valid()) return -EINVAL;
  const bool from_user = source.kind == Source::Kind::noinfo ||
                         (source.kind == Source::Kind::info && source.info.code <= si::kUser);
  if (!from_user || !source.task) return 0;
  const World& world = kernel.world;
  if (same_thread_group(world, source.task, target)) return 0;
  if (kill_ok_by_cred(world, source.task, target)) return 0;
  if (signal == signals::kCont &&
      world.signal_of(source.task).session == world.signal_of(target).session)
    return 0;  // job control: a shell may continue what has another uid by now
  return -EPERM;
}

int group_send_sig_info(Kernel& kernel, Signal signal, Source& source, TaskIndex target,
                        PidType type) {
  const Function in(kernel, type == PidType::pid ? "do_send_specific" : "group_send_sig_info",
                    target);
  const int error = check_kill_permission(kernel, signal, source, target);
  if (error != 0) {
    kernel.note({Event::Kind::signal_denied, target, source.task, signal, -error});
    return error;
  }
  if (signal.number() == 0) return 0;
  return send_signal_locked(kernel, signal, source, target, type);
}

/// send_signal_locked: a sender whom the target's pid namespace cannot see is above it, and has no
/// number there. Linux writes that 0 into the one siginfo of the call, so that it stays for those
/// who are sent the same after it.
int send_signal_locked(Kernel& kernel, Signal signal, Source& source, TaskIndex target,
                       PidType type) {
  const World& world = kernel.world;
  const bool invisible = !source.task || task_pid_nr_ns(world, world.leader(source.task),
                                                        world[target].pid_ns) == Pid(0);
  bool force = source.kind == Source::Kind::priv;
  if (source.kind == Source::Kind::noinfo) force = invisible;
  if (source.kind == Source::Kind::info && has_si_pid_and_uid(source.info)) {
    force = source.info.code == si::kKernel || invisible;
    if (invisible) source.info.pid = Pid(0);
  }
  return __send_signal_locked(kernel, signal, source, target, type, force);
}

namespace {

/// What was sent to one thread alone goes when it ends, and more is not taken: it does not even
/// stop or continue the others. Before, it was pending for the zombie. Measured on 6.18.44.
bool drops_own_signals(const Kernel& kernel) {
  return kernel.version >= KernelVersion::v6_18_44;
}

/// What __send_signal_locked puts into the queue.
SigInfo queued_info(const World& world, Signal signal, const Source& source, TaskIndex target) {
  if (source.kind == Source::Kind::priv) return {.signal = signal, .code = si::kKernel};
  if (source.kind == Source::Kind::info) return source.info;
  SigInfo info{.signal = signal, .code = si::kUser};
  info.pid = task_pid_nr_ns(world, world.leader(source.task), world[target].pid_ns);
  if (world[source.task].cred) info.uid = world[world[source.task].cred].uid;
  return info;
}

}  // namespace

int __send_signal_locked(Kernel& kernel, Signal signal, const Source& source, TaskIndex target,
                         PidType type, bool force) {
  const Function in(kernel, "__send_signal_locked", target);
  World& world = kernel.world;
  const auto told = [&](GenerateResult result) {
    kernel.note({Event::Kind::signal_generate, target, source.task, signal,
                 static_cast<std::int64_t>(result)});
  };
  const bool too_late = type == PidType::pid && drops_own_signals(kernel) && world[target].exiting;
  if (too_late || !prepare_signal(kernel, signal, target, force))
    return told(GenerateResult::ignored), 0;
  SigPending& pending =
      type == PidType::pid ? world[target].pending : world.signal_of(target).shared_pending;
  const bool real_time = signal.number() >= 32;  // SIGRTMIN of the kernel
  if (!real_time && pending.signal.has(signal))  // legacy_queue: standard signals merge
    return told(GenerateResult::already_pending), 0;
  if (signal != signals::kKill && !world[target].kernel_thread) {
    const bool special = source.kind != Source::Kind::info;
    const bool override_rlimit = !real_time && (special || source.info.code >= 0);
    const SigInfo info = queued_info(world, signal, source, target);
    if (!enqueue(world, target, pending, info, override_rlimit) && !special && real_time &&
        info.code != si::kUser)
      return -EAGAIN;  // rather than lose the value that sigqueue(3) promises to bring
  }
  told(GenerateResult::delivered);
  pending.signal.add(signal);
  signalfd_notify(kernel, target);
  complete_signal(kernel, signal, target, type, source.task);
  return 0;
}

/// force_sig_info_to_task: the hardware complains, and cannot be told to be quiet.
void force_sig_fault(Kernel& kernel, TaskIndex task, Signal signal, int code) {
  const Function in(kernel, "force_sig_info_to_task", task);
  World& world = kernel.world;
  SighandStruct& table = world[world[task].sighand];
  const bool blocked = world[task].blocked.has(signal);
  if (blocked || table.ignored.has(signal)) {
    table.ignored.remove(signal);
    table.caught.remove(signal);
    world[task].blocked.remove(signal);
    recalc_sigpending(world, task);
  }
  if (handler_of(world, task, signal) == Handler::by_default && !is_traced(world, task))
    world.signal_of(task).unkillable = false;
  const SigInfo info{.signal = signal, .code = code};
  Source source{Source::Kind::info, {}, info};
  __send_signal_locked(kernel, signal, source, task, PidType::pid, false);
  if (!world[task].signal_pending) signal_wake_up(kernel, task, false);
}

/// signal_wake_up_state: a signal ends an interruptible sleep; a fatal one also wakes what is
/// stopped, traced, or in a killable sleep. Whether an uninterruptible sleep is a killable one
/// /proc does not tell.
void signal_wake_up(Kernel& kernel, TaskIndex thread, bool fatal) {
  const Function in(kernel, "signal_wake_up_state", thread);
  Task& task = kernel.world[thread];
  task.signal_pending = true;
  switch (task.state) {
    case TaskState::stopped:
    case TaskState::traced:
      if (!fatal) return;
      break;
    case TaskState::disk_sleep:
      if (!fatal || !task.killable) return;
      break;
    case TaskState::zombie:
    case TaskState::dead:
    case TaskState::released:
      return;
    default:
      break;
  }
  wake_up_process(kernel, thread);
}

/// recalc_sigpending, with recalc_sigpending_tsk.
void recalc_sigpending(World& world, TaskIndex task) {
  Task& of = world[task];
  const SignalStruct& group = world.signal_of(task);
  const SigSet all = of.pending.signal | group.shared_pending.signal;
  of.signal_pending = group.group_exit || of.jobctl.stop_pending || of.jobctl.trap_stop ||
                      of.jobctl.trap_notify || !(all & ~of.blocked).empty();
}

/// recalc_sigpending_and_wake
void recalc_sigpending_and_wake(Kernel& kernel, TaskIndex task) {
  const bool before = kernel.world[task].signal_pending;
  recalc_sigpending(kernel.world, task);
  if (kernel.world[task].signal_pending)
    signal_wake_up(kernel, task, false);
  else
    kernel.world[task].signal_pending = before;
}

/// The process's signals that `task` was to take and no longer will go to threads that do.
void retarget_shared_pending(Kernel& kernel, TaskIndex task, SigSet which) {
  World& world = kernel.world;
  SigSet left = world.signal_of(task).shared_pending.signal & which;
  for (TaskIndex each = next_thread(world, task); each != task && !left.empty();
       each = next_thread(world, each)) {
    const Task& thread = world[each];
    if (thread.exiting || (left & ~thread.blocked).empty()) continue;
    left = left & thread.blocked;
    if (!thread.signal_pending) signal_wake_up(kernel, each, false);
  }
}

/// Since 4.10 a mask that does not change leaves everything as it is, pending signals too.
void set_current_blocked(Kernel& kernel, TaskIndex task, SigSet blocked) {
  blocked.remove(signals::kKernelOnly);
  const bool same = kernel.world[task].blocked == blocked;
  if (!same || kernel.version < KernelVersion::v5_10) set_task_blocked(kernel, task, blocked);
}

/// __set_task_blocked
void set_task_blocked(Kernel& kernel, TaskIndex task, SigSet blocked) {
  World& world = kernel.world;
  Task& of = world[task];
  if (of.signal_pending && !thread_group_empty(world, task))
    retarget_shared_pending(kernel, task, blocked & ~of.blocked);
  of.blocked = blocked;
  recalc_sigpending(world, task);
}

/// A thread that ends leaves the group's signals, and its part in a group stop, to the others.
void exit_signals(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  Task& of = world[task];
  const bool last = thread_group_empty(world, task) || world.signal_of(task).group_exit;
  of.exiting = true;
  if (drops_own_signals(kernel)) flush_sigqueue(world, of.pending);
  if (last || !of.signal_pending) return;
  retarget_shared_pending(kernel, task, ~of.blocked);
  if (of.jobctl.stop_pending && task_participate_group_stop(world, task))
    do_notify_parent_cldstop(kernel, task, false, si::kStopped);
}

/// zap_other_threads
void zap_other_threads(Kernel& kernel, TaskIndex task) {
  const Function in(kernel, "zap_other_threads", task);
  World& world = kernel.world;
  world.signal_of(task).group_stop_count = 0;
  for_each_thread(world, task, [&](TaskIndex thread) {
    if (thread == task || world[thread].exiting) return;
    task_clear_stop_pending(world[thread].jobctl);
    world[thread].jobctl.trap_stop = world[thread].jobctl.trap_notify = false;
    world[thread].pending.signal.add(signals::kKill);
    signal_wake_up(kernel, thread, true);
  });
}

}  // namespace knell::kernel
