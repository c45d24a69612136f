/// kernel/signal.c: the calls that send.
///
/// kill → kill_something_info → kill_pid_info → group_send_sig_info → …

#include <cerrno>
#include <climits>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

int kill_pid_info(Kernel& kernel, Signal signal, Source& source, TaskIndex target) {
  const Function in(kernel, "kill_pid_info", source.task);
  if (!target) return -ESRCH;
  return group_send_sig_info(kernel, signal, source, target, PidType::tgid);
}

TaskIndex target_of(const World& world, TaskIndex current, int pid) {
  return current ? find_task_by_vpid(world, current, pid) : world.find(Pid(pid));
}

/// kill(-1): everybody but the first of the caller's pid namespace and the caller's own process.
int kill_all(Kernel& kernel, Signal signal, Source& source) {
  const World& world = kernel.world;
  int result = 0;
  bool any = false;
  for (TaskIndex target : world.processes()) {
    const Pid seen = task_pid_nr_ns(world, target, world[source.task].pid_ns);
    if (seen.value() <= 1 || world.leader(source.task) == target) continue;
    const int error = group_send_sig_info(kernel, signal, source, target, PidType::pgid);
    any = true;
    if (error != -EPERM) result = error;  // so if all said EPERM the call still succeeds
  }
  return any ? result : -ESRCH;
}

/// do_send_specific. A `tgid` of 0 or less takes the thread in any process.
int do_send_specific(Kernel& kernel, Signal signal, Source& source, int tgid, int pid) {
  const World& world = kernel.world;
  const TaskIndex target = target_of(world, source.task, pid);
  if (!target) return -ESRCH;
  const TaskIndex leader = world.leader(target);
  if (tgid > 0 && task_pid_nr_ns(world, leader, world[source.task].pid_ns) != Pid(tgid))
    return -ESRCH;
  return group_send_sig_info(kernel, signal, source, target, PidType::pid);
}

int kill_something_info(Kernel& kernel, Signal signal, Source& source, int pid) {
  const Function in(kernel, "kill_something_info", source.task);
  if (pid > 0)
    return kill_pid_info(kernel, signal, source, target_of(kernel.world, source.task, pid));
  if (pid == INT_MIN) return -ESRCH;  // its negative is no int
  if (pid == -1) return kill_all(kernel, signal, source);
  Pgid group = kernel.world.signal_of(source.task).pgrp;
  if (pid != 0) {
    const Pid number = find_vpid(kernel.world, source.task, -pid);
    if (number == Pid(0)) return -ESRCH;
    group = Pgid(number.value());
  }
  return kill_pgrp_info(kernel, signal, source, group);
}

/// What sigqueue(3) may say of itself: nothing that only the kernel says, unless to the caller.
bool may_claim(const World& world, TaskIndex current, int code, std::int64_t to) {
  return (code < 0 && code != si::kTkill) || task_pid_vnr(world, current).value() == to;
}

Source queue_info(const World& world, TaskIndex current, Signal signal, int code,
                  std::int64_t value) {
  Source source = Source::user(world, current, signal, code);
  if (code < 0) source.info.value = value;  // siginfo_layout: others have no si_value
  return source;
}

// include/uapi/linux/pidfd.h
constexpr std::int64_t kThread = 1, kThreadGroup = 2, kProcessGroup = 4;
constexpr std::int64_t kPidfdThread = 0x80;  // PIDFD_THREAD is O_EXCL

/// pidfd_open(2): -errno, or 0 and the task.
int pidfd_open(const Kernel& kernel, TaskIndex current, std::int64_t pid, bool thread,
               TaskIndex& task) {
  const World& world = kernel.world;
  if (pid <= 0) return -EINVAL;
  if (thread && kernel.version < KernelVersion::v6_12) return -EINVAL;  // since 6.9
  task = find_task_by_vpid(world, current, pid);
  if (!task) return -ESRCH;
  if (!thread && !thread_group_leader(world, task))
    return kernel.version >= KernelVersion::v6_18 ? -ENOENT : -EINVAL;
  return 0;
}

/// Whom the flags of pidfd_send_signal name; negative: -errno.
int scope_of(const Kernel& kernel, std::int64_t flags, bool thread, PidType& type) {
  type = thread ? PidType::pid : PidType::tgid;
  if (flags == 0) return 0;
  if (kernel.version < KernelVersion::v6_12) return -EINVAL;  // since 6.9
  if (flags == kThread)
    type = PidType::pid;
  else if (flags == kThreadGroup)
    type = PidType::tgid;
  else if (flags == kProcessGroup)
    type = PidType::pgid;
  else
    return -EINVAL;
  return 0;
}

Signal signal_in(std::int64_t number) {
  return Signal(number < 0 || number > Signal::kLast ? -1 : static_cast<int>(number));
}

}  // namespace

int kill(Kernel& kernel, TaskIndex current, int pid, Signal signal) {
  Source source = Source::user(kernel.world, current, signal, si::kUser);
  return kill_something_info(kernel, signal, source, pid);
}

int tkill(Kernel& kernel, TaskIndex current, int pid, Signal signal) {
  if (pid <= 0) return -EINVAL;
  Source source = Source::user(kernel.world, current, signal, si::kTkill);
  return do_send_specific(kernel, signal, source, 0, pid);
}

int tgkill(Kernel& kernel, TaskIndex current, int tgid, int pid, Signal signal) {
  if (pid <= 0 || tgid <= 0) return -EINVAL;
  Source source = Source::user(kernel.world, current, signal, si::kTkill);
  return do_send_specific(kernel, signal, source, tgid, pid);
}

int pidfd_send_signal(Kernel& kernel, TaskIndex current, TaskIndex target, Signal signal) {
  if (kernel.world[target].state == TaskState::released) return -ESRCH;
  Source source = Source::user(kernel.world, current, signal, si::kUser);
  return group_send_sig_info(kernel, signal, source, target, PidType::tgid);
}

std::int64_t sys_kill(Kernel& kernel, TaskIndex current, const Call& call) {
  return kill(kernel, current, static_cast<int>(call.arg[0]), signal_in(call.arg[1]));
}

std::int64_t sys_tkill(Kernel& kernel, TaskIndex current, const Call& call) {
  return tkill(kernel, current, static_cast<int>(call.arg[0]), signal_in(call.arg[1]));
}

std::int64_t sys_tgkill(Kernel& kernel, TaskIndex current, const Call& call) {
  return tgkill(kernel, current, static_cast<int>(call.arg[0]), static_cast<int>(call.arg[1]),
                signal_in(call.arg[2]));
}

std::int64_t sys_rt_sigqueueinfo(Kernel& kernel, TaskIndex current, const Call& call) {
  const auto [pid, number, code, value, unused] = call.arg;
  if (!may_claim(kernel.world, current, static_cast<int>(code), pid)) return -EPERM;
  Source source =
      queue_info(kernel.world, current, signal_in(number), static_cast<int>(code), value);
  const TaskIndex target = pid > 0 ? find_task_by_vpid(kernel.world, current, pid) : TaskIndex{};
  return kill_pid_info(kernel, signal_in(number), source, target);
}

std::int64_t sys_rt_tgsigqueueinfo(Kernel& kernel, TaskIndex current, const Call& call) {
  const auto [tgid, pid, number, code, value] = call.arg;
  if (pid <= 0 || tgid <= 0) return -EINVAL;
  if (!may_claim(kernel.world, current, static_cast<int>(code), pid)) return -EPERM;
  Source source =
      queue_info(kernel.world, current, signal_in(number), static_cast<int>(code), value);
  return do_send_specific(kernel, signal_in(number), source, static_cast<int>(tgid),
                          static_cast<int>(pid));
}

std::int64_t sys_pidfd_send_signal(Kernel& kernel, TaskIndex current, const Call& call) {
  const auto [pid, number, flags, open_flags, unused] = call.arg;
  if (kernel.version < KernelVersion::v5_10) return -ENOSYS;  // since 5.1, pidfd_open since 5.3
  const bool thread = open_flags == kPidfdThread;
  TaskIndex target;
  if (const int error = pidfd_open(kernel, current, pid, thread, target); error != 0) return error;
  PidType type = PidType::tgid;
  if (const int error = scope_of(kernel, flags, thread, type); error != 0) return error;
  const Signal signal = signal_in(number);
  Source source =
      Source::user(kernel.world, current, signal, type == PidType::pid ? si::kTkill : si::kUser);
  if (type == PidType::pgid)
    return kill_pgrp_info(kernel, signal, source, Pgid(kernel.world[target].pid.value()));
  return group_send_sig_info(kernel, signal, source, target, type);
}

}  // namespace knell::kernel
