/// kernel/signal.c: a signal is sent.
///
/// kill → kill_something_info → kill_pid_info → group_send_sig_info → check_kill_permission →
/// do_send_sig_info → send_signal_locked → prepare_signal → complete_signal → signal_wake_up.
/// Nothing is delivered here, with one exception that matters: complete_signal decides the end of
/// a whole group already now if the signal is sure to be fatal.

#include <cerrno>
#include <climits>

#include "knell/kernel/signal.hpp"

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

/// Threads that were read; a group of which only the leader was read has no others here.
template <class Function>
void for_each_thread(World& world, TaskIndex task, Function function) {
  for (TaskIndex thread = world.leader(task); thread; thread = world[thread].next_thread)
    function(thread);
}

void flush(World& world, TaskIndex task, SigSet away) {
  world.signal_of(task).shared_pending.signal.remove(away);
  for_each_thread(world, task, [&](TaskIndex t) { world[t].pending.signal.remove(away); });
}

void wake_stopped(Kernel& kernel, TaskIndex target) {
  bool any = false;
  for_each_thread(kernel.world, target, [&](TaskIndex thread) {
    Task& task = kernel.world[thread];
    if (task.state != TaskState::stopped) return;
    task.state = TaskState::running;
    --kernel.stopped_tasks;
    any = true;
    // What came while it was stopped is looked at now: JOBCTL work implies TIF_SIGPENDING.
    recalc_sigpending(kernel.world, thread);
    if (kernel.world[thread].signal_pending) kernel.woken.push_back(thread);
  });
  if (any) kernel.note({Event::Kind::job_continue, target, {}, signals::kCont, 0});
}

/// sig_task_ignored
bool sig_task_ignored(const World& world, TaskIndex target, Signal signal, bool force) {
  const Handler handler = handler_of(world, target, signal);
  const bool kernel_only = signals::kKernelOnly.has(signal);
  if (world.signal_of(target).unkillable && handler == Handler::by_default &&
      !(force && kernel_only))
    return true;
  if (world[target].kernel_thread) return true;  // ignore_signals(): SIG_IGN for every one
  return handler == Handler::ignore ||
         (handler == Handler::by_default && signals::kKernelIgnore.has(signal));
}

/// sig_ignored: a blocked signal stays, since its handler may change before it is unblocked; a
/// traced task's tracer wants to see it first.
bool sig_ignored(const World& world, TaskIndex target, Signal signal, bool force) {
  if (world[target].blocked.has(signal)) return false;
  if (world[target].state == TaskState::traced && signal != signals::kKill) return false;
  return sig_task_ignored(world, target, signal, force);
}

/// prepare_signal: what a signal undoes before it is queued; false if it is dropped.
bool prepare_signal(Kernel& kernel, Signal signal, TaskIndex target, bool force) {
  World& world = kernel.world;
  if (world.signal_of(target).group_exit) return false;  // in the middle of dying
  if (signal.stops()) flush(world, target, SigSet{signals::kCont});
  if (signal == signals::kCont) {
    flush(world, target, signals::kKernelStop);
    wake_stopped(kernel, target);
  }
  return !sig_ignored(world, target, signal, force);
}

/// wants_signal. Which task runs at this moment is not in a World; one that sleeps and one that
/// runs differ only in whether an interrupt is needed.
bool wants_signal(const World& world, Signal signal, TaskIndex thread) {
  const Task& task = world[thread];
  if (task.blocked.has(signal) || task.exiting) return false;
  if (signal == signals::kKill) return true;
  if (task.state == TaskState::stopped || task.state == TaskState::traced) return false;
  return !task.signal_pending;
}

/// sig_fatal
bool sig_fatal(const World& world, TaskIndex target, Signal signal) {
  return !(signals::kKernelIgnore | signals::kKernelStop).has(signal) &&
         handler_of(world, target, signal) == Handler::by_default;
}

TaskIndex thread_for(const World& world, Signal signal, TaskIndex target, PidType type) {
  if (wants_signal(world, signal, target)) return target;
  if (type == PidType::pid) return {};
  for (TaskIndex thread = world.leader(target); thread; thread = world[thread].next_thread)
    if (wants_signal(world, signal, thread)) return thread;
  return {};  // none needs waking: any that unblocks it will take it
}

/// complete_signal
void complete_signal(Kernel& kernel, Signal signal, TaskIndex target, PidType type) {
  World& world = kernel.world;
  const TaskIndex thread = thread_for(world, signal, target, type);
  if (!thread) return;
  const bool traced = world[target].parent != world[target].real_parent;
  if (sig_fatal(world, target, signal) && (signal == signals::kKill || !traced) &&
      !signals::kKernelCoredump.has(signal)) {
    SignalStruct& group = world.signal_of(target);
    group.group_exit = true;
    group.group_exit_code = signal.number();
    kernel.note({Event::Kind::group_exit, target, {}, signal, signal.number()});
    for_each_thread(world, target, [&](TaskIndex each) {
      world[each].pending.signal.add(signals::kKill);
      signal_wake_up(kernel, each, true);
    });
    return;
  }
  signal_wake_up(kernel, thread, signal == signals::kKill);
}

int kill_pid_info(Kernel& kernel, Signal signal, Sender sender, Pid pid) {
  const TaskIndex target = kernel.world.find(pid);
  if (!target) return -ESRCH;
  return group_send_sig_info(kernel, signal, sender, target, PidType::tgid);
}

/// kill(-1): everybody but pid 1 of the namespace and the caller's own process.
int kill_all(Kernel& kernel, Signal signal, Sender sender) {
  const World& world = kernel.world;
  int result = 0;
  bool any = false;
  for (TaskIndex target : world.processes()) {
    if (world[target].pid.value() <= 1 || world.leader(sender.task) == target) continue;
    const int error = group_send_sig_info(kernel, signal, sender, target, PidType::pgid);
    any = true;
    if (error != -EPERM) result = error;  // so if all said EPERM the call still succeeds
  }
  return any ? result : -ESRCH;
}

/// do_send_specific. A `tgid` of 0 or less takes the thread in any process.
int do_send_specific(Kernel& kernel, Signal signal, Sender sender, int tgid, Pid pid) {
  const World& world = kernel.world;
  const TaskIndex target = world.find(pid);
  if (!target) return -ESRCH;
  if (tgid > 0 && world[world.leader(target)].pid != Pid(tgid)) return -ESRCH;
  return group_send_sig_info(kernel, signal, sender, target, PidType::pid);
}

int kill_something_info(Kernel& kernel, Signal signal, Sender sender, int pid) {
  if (pid > 0) return kill_pid_info(kernel, signal, sender, Pid(pid));
  if (pid == INT_MIN) return -ESRCH;  // its negative is no int
  if (pid == -1) return kill_all(kernel, signal, sender);
  const Pgid group = pid != 0 ? Pgid(-pid) : kernel.world.signal_of(sender.task).pgrp;
  return kill_pgrp_info(kernel, signal, sender, group);
}

/// A sender whom the target's pid namespace cannot see sends from above it (send_signal_locked:
/// !task_pid_nr_ns(current, task_active_pid_ns(t))).
bool from_ancestor_namespace(const World& world, Sender sender, TaskIndex target) {
  if (!sender.task) return true;
  return world[target].pid_ns.valid() && world[sender.task].pid_ns != world[target].pid_ns;
}

}  // namespace

Kernel::Kernel(World& the_world) : world(the_world) {
  for (const Task& task : world.tasks)
    if (task.state == TaskState::stopped) ++stopped_tasks;
}

Handler handler_of(const World& world, TaskIndex task, Signal signal) {
  const SighandStruct& table = world[world[task].sighand];
  if (signals::kKernelOnly.has(signal)) return Handler::by_default;
  if (table.caught.has(signal)) return Handler::caught;
  return table.ignored.has(signal) ? Handler::ignore : Handler::by_default;
}

bool thread_group_empty(const World& world, TaskIndex task) {
  const TaskIndex head = world.leader(task);
  return !world[head].next_thread && world.signal_of(head).nr_threads <= 1;
}

/// check_kill_permission
int check_kill_permission(const Kernel& kernel, Signal signal, Sender sender, TaskIndex target) {
  if (!signal.valid()) return -EINVAL;
  if (!sender.task) return 0;
  const World& world = kernel.world;
  if (world[sender.task].signal == world[target].signal) return 0;
  if (kill_ok_by_cred(world, sender.task, target)) return 0;
  if (signal == signals::kCont &&
      world.signal_of(sender.task).session == world.signal_of(target).session)
    return 0;  // job control: a shell may continue what has another uid by now
  return -EPERM;
}

int group_send_sig_info(Kernel& kernel, Signal signal, Sender sender, TaskIndex target,
                        PidType type) {
  const int error = check_kill_permission(kernel, signal, sender, target);
  if (error != 0) {
    kernel.note({Event::Kind::signal_denied, target, sender.task, signal, -error});
    return error;
  }
  if (signal.number() != 0)
    send_signal_locked(kernel, signal, sender, target, type,
                       from_ancestor_namespace(kernel.world, sender, target));
  return 0;
}

int kill_pgrp_info(Kernel& kernel, Signal signal, Sender sender, Pgid group) {
  const World& world = kernel.world;
  bool success = false;
  int last = -ESRCH;
  for (TaskIndex target : world.processes()) {
    if (world.signal_of(target).pgrp != group) continue;
    const int error = group_send_sig_info(kernel, signal, sender, target, PidType::pgid);
    success = success || error == 0;
    last = error;
  }
  return success ? 0 : last;
}

/// __send_signal_locked
void send_signal_locked(Kernel& kernel, Signal signal, Sender sender, TaskIndex target,
                        PidType type, bool force) {
  World& world = kernel.world;
  GenerateResult result = GenerateResult::ignored;
  const auto told = [&] {
    kernel.note({Event::Kind::signal_generate, target, sender.task, signal,
                 static_cast<std::int64_t>(result)});
  };
  if (!prepare_signal(kernel, signal, target, force)) return told();
  SigPending& pending =
      type == PidType::pid ? world[target].pending : world.signal_of(target).shared_pending;
  if (signal.number() < Signal::kRealTimeFirst && pending.signal.has(signal)) {
    result = GenerateResult::already_pending;  // legacy_queue: standard signals merge
    return told();
  }
  result = GenerateResult::delivered;
  told();
  pending.signal.add(signal);
  complete_signal(kernel, signal, target, type);
}

/// signal_wake_up_state: SIGKILL wakes also what is stopped or traced. An uninterruptible sleep
/// goes on: whether it is a killable one /proc does not tell.
void signal_wake_up(Kernel& kernel, TaskIndex thread, bool fatal) {
  Task& task = kernel.world[thread];
  task.signal_pending = true;
  const bool halted = task.state == TaskState::stopped || task.state == TaskState::traced;
  if (halted && !fatal) return;
  if (task.state == TaskState::disk_sleep || task.state == TaskState::zombie) return;
  if (task.state == TaskState::stopped) --kernel.stopped_tasks;
  task.state = TaskState::running;
  kernel.woken.push_back(thread);
}

int kill(Kernel& kernel, TaskIndex current, int pid, Signal signal) {
  return kill_something_info(kernel, signal, Sender{current}, pid);
}

int tkill(Kernel& kernel, TaskIndex current, int pid, Signal signal) {
  if (pid <= 0) return -EINVAL;
  return do_send_specific(kernel, signal, Sender{current}, 0, Pid(pid));
}

int tgkill(Kernel& kernel, TaskIndex current, int tgid, int pid, Signal signal) {
  if (pid <= 0 || tgid <= 0) return -EINVAL;
  return do_send_specific(kernel, signal, Sender{current}, tgid, Pid(pid));
}

int pidfd_send_signal(Kernel& kernel, TaskIndex current, TaskIndex target, Signal signal) {
  if (kernel.world[target].state == TaskState::released) return -ESRCH;
  return group_send_sig_info(kernel, signal, Sender{current}, target, PidType::tgid);
}

}  // namespace knell::kernel
