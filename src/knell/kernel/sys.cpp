/// kernel/sys.c: groups, sessions, users, and what prctl(2) and prlimit(2) set.

#include <algorithm>
#include <array>
#include <cerrno>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

/// A member of the group, or none (pid_task(pgrp, PIDTYPE_PGID)).
TaskIndex member_of(const World& world, Pgid group) {
  for (const TaskIndex task : world.processes())
    if (world.signal_of(task).pgrp == group) return task;
  return {};
}

/// Whether the caller may move that process to another group; 0: it may.
int may_move(const World& world, TaskIndex current, TaskIndex task) {
  const TaskIndex self = world.leader(current);
  if (!thread_group_leader(world, task)) return -EINVAL;
  const TaskIndex parent = world[task].real_parent;
  if (parent && same_thread_group(world, parent, self)) {
    if (world.signal_of(task).session != world.signal_of(self).session) return -EPERM;
    if (!world[task].fork_no_exec) return -EACCES;  // it is another program by now
  } else if (task != self) {
    return -ESRCH;
  }
  return world.signal_of(task).leads_session ? -EPERM : 0;
}

/// cap_emulate_setxuid of security/commoncap.c: root who gives up root gives up its capabilities.
void emulate_setxuid(const Cred& old, Cred& cred) {
  const Uid root(0);
  const bool had = old.uid == root || old.euid == root || old.suid == root;
  const bool has = cred.uid == root || cred.euid == root || cred.suid == root;
  if (had && !has) cred.cap_permitted = cred.cap_effective = 0;
  if (old.euid == root && cred.euid != root) cred.cap_effective = 0;
  if (old.euid != root && cred.euid == root) cred.cap_effective = cred.cap_permitted;
}

/// commit_creds: who becomes somebody else can no longer be traced by who it was, and is no longer
/// ended with its parent.
void commit_creds(World& world, TaskIndex task, const Cred& cred) {
  const Cred old = world[world[task].cred];
  world[task].cred = world.add_cred(cred);
  const bool grew = (cred.cap_permitted & ~old.cap_permitted) != 0;
  if (old.euid == cred.euid && old.fsuid == cred.fsuid && !grew) return;
  if (world[task].mm) world[world[task].mm].dumpable = false;
  world[task].pdeath_signal = {};
}

constexpr std::int64_t kPdeathsig = 1, kChildSubreaper = 36;  // include/uapi/linux/prctl.h
constexpr std::int64_t kSigpending = 11;                      // RLIMIT_SIGPENDING

}  // namespace

bool capable(const World& world, TaskIndex task, unsigned capability) {
  const CredIndex cred = world[task].cred;
  return !cred || (world[cred].cap_effective >> capability & 1) != 0;
}

std::int64_t sys_setpgid(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const TaskIndex self = world.leader(current);
  const std::int64_t pid = call.arg[0] != 0 ? call.arg[0] : task_pid_vnr(world, self).value();
  const std::int64_t pgid = call.arg[1] != 0 ? call.arg[1] : pid;
  if (pgid < 0) return -EINVAL;
  const TaskIndex task = find_task_by_vpid(world, current, pid);
  if (!task) return -ESRCH;
  if (const int error = may_move(world, current, task); error != 0) return error;
  Pgid group(world[task].pid.value());
  if (pgid != pid) {
    group = Pgid(find_vpid(world, current, pgid).value());
    const TaskIndex member = group.value() != 0 ? member_of(world, group) : TaskIndex{};
    if (!member || world.signal_of(member).session != world.signal_of(self).session) return -EPERM;
  }
  if (world.signal_of(task).pgrp == group) return 0;
  world.signal_of(task).pgrp = group;
  world.signal_of(task).joined_pgrp = ++world.pgrp_joins;
  wake_zapping_inits(kernel, task);  // free_pid: the number of the former group, perhaps
  return 0;
}

std::int64_t sys_setsid(Kernel& kernel, TaskIndex current) {
  World& world = kernel.world;
  const TaskIndex self = world.leader(current);
  SignalStruct& group = world.signal_of(self);
  const Pgid own(world[self].pid.value());
  if (group.leads_session || member_of(world, own)) return -EPERM;
  group.leads_session = true;
  group.session = Sid(own.value());
  group.pgrp = own;
  group.joined_pgrp = ++world.pgrp_joins;
  group.tty_struct = {};
  group.tty = 0;
  wake_zapping_inits(kernel, self);
  return task_pid_vnr(world, self).value();
}

std::int64_t sys_setresuid(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const Cred old = world[world[current].cred];
  const std::array<Uid, 3> now{old.uid, old.euid, old.suid};
  std::array<Uid, 3> next = now;
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (call.arg[i] == -1) continue;
    next[i] = Uid(static_cast<std::uint32_t>(call.arg[i]));
    const bool known = std::ranges::find(now, next[i]) != now.end();
    if (!known && !capable(world, current, kCapSetuid)) return -EPERM;
  }
  Cred cred = old;
  cred.uid = next[0];
  cred.euid = next[1];
  cred.suid = next[2];
  cred.fsuid = cred.euid;
  emulate_setxuid(old, cred);
  commit_creds(world, current, cred);
  return 0;
}

std::int64_t sys_prctl(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const auto [option, value, unused1, unused2, unused3] = call.arg;
  if (option == kPdeathsig) {
    if (value < 0 || value > Signal::kLast) return -EINVAL;
    world[current].pdeath_signal = Signal(static_cast<int>(value));
    return 0;
  }
  if (option != kChildSubreaper) return -EINVAL;
  world.signal_of(current).child_subreaper = value != 0;
  return 0;
}

std::int64_t sys_prlimit(Kernel& kernel, TaskIndex current, const Call& call) {
  if (call.arg[0] != kSigpending) return -EINVAL;
  kernel.world.signal_of(current).sigpending_limit = static_cast<std::uint32_t>(call.arg[1]);
  return 0;
}

}  // namespace knell::kernel
