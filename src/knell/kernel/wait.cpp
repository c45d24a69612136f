/// kernel/exit.c: wait4(2), waitid(2).

#include <cerrno>
#include <climits>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

// bits/waitflags.h
constexpr std::int64_t kNoHang = 1, kUntraced = 2, kExited = 4, kContinued = 8,
                       kNoWait = 0x01000000, kNoThread = 0x20000000, kAll = 0x40000000,
                       kClone = 0x80000000;

enum class For : std::uint8_t { all, pid, pgid };

/// What is waited for (Linux: wait_opts).
struct WaitOpts {
  TaskIndex current;
  For type = For::all;
  Pid pid;  ///< as the first namespace numbers it
  Pgid pgid;
  std::int64_t flags = 0;
  bool any = false;  ///< there is somebody to wait for (notask_error == 0)
};

/// What was found.
struct Found {
  Pid pid;  ///< as the waiter's namespace numbers it
  int status = 0;
  SigInfo info;
};

bool eligible_pid(const World& world, const WaitOpts& opts, TaskIndex task) {
  if (opts.type == For::all) return true;
  if (opts.type == For::pid) return world[task].pid == opts.pid;
  return world.signal_of(task).pgrp == opts.pgid;
}

bool eligible_child(const World& world, const WaitOpts& opts, bool ptrace, TaskIndex task) {
  if (!eligible_pid(world, opts, task)) return false;
  if (ptrace || (opts.flags & kAll) != 0) return true;
  const bool clone_child = world[task].exit_signal != signals::kChld;
  return clone_child == ((opts.flags & kClone) != 0);
}

Found found(const World& world, const WaitOpts& opts, TaskIndex task, int code, int status) {
  Found result;
  result.pid = task_pid_nr_ns(world, task, world[opts.current].pid_ns);
  result.info = {.signal = signals::kChld, .code = code, .pid = result.pid};
  if (world[task].cred) result.info.uid = world[world[task].cred].uid;
  result.info.status = status;
  return result;
}

std::optional<Found> reap(Kernel& kernel, WaitOpts& opts, TaskIndex task) {
  const Function in(kernel, "wait_task_zombie", task);
  World& world = kernel.world;
  if ((opts.flags & kExited) == 0) return {};
  const SignalStruct& group = world.signal_of(task);
  const int word = group.group_exit ? group.group_exit_code : world[task].exit_code;
  const int code = (word & 0x7f) == 0   ? si::kExited
                   : (word & 0x80) != 0 ? si::kDumped
                                        : si::kKilled;
  Found result = found(world, opts, task, code, code == si::kExited ? word >> 8 : word & 0x7f);
  result.status = word;
  if ((opts.flags & kNoWait) != 0) return result;
  if (ptrace_reparented(world, task) && thread_group_leader(world, task)) {
    ptrace_unlink(kernel, task);  // now it is its real parent's turn
    if (!do_notify_parent(kernel, task, world[task].exit_signal)) return result;
  }
  world[task].state = TaskState::dead;
  release_task(kernel, task, opts.current);
  return result;
}

/// task_stopped_code: where the code of a stop is kept; null: it is not stopped.
int* task_stopped_code(World& world, TaskIndex task, bool ptrace) {
  Task& of = world[task];
  if (ptrace) {
    const bool traced = of.state == TaskState::traced && !of.jobctl.listening;
    return traced ? &of.ptrace.stop_code : nullptr;
  }
  SignalStruct& group = world.signal_of(task);
  return group.stop_stopped ? &group.group_stop_code : nullptr;
}

std::optional<Found> wait_task_stopped(Kernel& kernel, const WaitOpts& opts, bool ptrace,
                                       TaskIndex task) {
  World& world = kernel.world;
  if (!ptrace && (opts.flags & kUntraced) == 0) return {};
  int* const code = task_stopped_code(world, task, ptrace);
  if (code == nullptr || *code == 0) return {};
  const int stopped = *code;
  if ((opts.flags & kNoWait) == 0) *code = 0;
  Found result = found(world, opts, task, ptrace ? si::kTrapped : si::kStopped, stopped);
  result.status = stopped << 8 | 0x7f;
  return result;
}

std::optional<Found> wait_task_continued(Kernel& kernel, const WaitOpts& opts, TaskIndex task) {
  SignalStruct& group = kernel.world.signal_of(task);
  if ((opts.flags & kContinued) == 0 || !group.stop_continued) return {};
  if ((opts.flags & kNoWait) == 0) group.stop_continued = false;
  Found result = found(kernel.world, opts, task, si::kContinued, signals::kCont.number());
  result.status = 0xffff;
  return result;
}

std::optional<Found> wait_consider_task(Kernel& kernel, WaitOpts& opts, bool ptrace,
                                        TaskIndex task) {
  World& world = kernel.world;
  const Task& of = world[task];
  if (of.state == TaskState::dead || of.state == TaskState::released) return {};
  if (!eligible_child(world, opts, ptrace, task)) return {};
  const bool traced = is_traced(world, task);
  if (!ptrace && traced && !ptrace_reparented(world, task)) ptrace = true;
  if (of.state == TaskState::zombie) {
    if (!delay_group_leader(world, task) && (ptrace || !traced)) return reap(kernel, opts, task);
    // Stops of a group whose leader is gone can still be told.
    if (!ptrace || (opts.flags & (kContinued | kExited)) != 0) opts.any = true;
  } else {
    opts.any = true;
  }
  if (auto stopped = wait_task_stopped(kernel, opts, ptrace, task)) return stopped;
  return wait_task_continued(kernel, opts, task);
}

/// do_wait_thread and ptrace_do_wait: the children of one thread, the oldest first, and then those
/// it traces.
std::optional<Found> wait_of_thread(Kernel& kernel, WaitOpts& opts, TaskIndex thread) {
  World& world = kernel.world;
  for (TaskIndex child = world[thread].last_child; child;) {
    const TaskIndex next = world[child].prev_sibling;
    if (auto result = wait_consider_task(kernel, opts, false, child)) return result;
    child = next;
  }
  for (const TaskIndex tracee : tracees(kernel, thread))
    if (auto result = wait_consider_task(kernel, opts, true, tracee)) return result;
  return {};
}

/// One look round, of do_wait. Nothing: none is there, `opts.any` says whether one may come.
std::optional<Found> look_round(Kernel& kernel, WaitOpts& opts) {
  const World& world = kernel.world;
  TaskIndex thread = opts.current;
  do {
    if (auto result = wait_of_thread(kernel, opts, thread)) return result;
    thread = next_thread(world, thread);
  } while (thread != opts.current && (opts.flags & kNoThread) == 0);
  return {};
}

/// do_wait
Outcome do_wait(Kernel& kernel, WaitOpts& opts, Found& result) {
  const Function in(kernel, "do_wait", opts.current);
  if (auto one = look_round(kernel, opts)) {
    result = *one;
    return result.pid.value();
  }
  if (!opts.any) return -ECHILD;
  if ((opts.flags & kNoHang) != 0) return 0;
  return {};
}

/// A number that the caller names, as the first namespace has it; one that nobody has matches
/// nobody.
Pid named_pid(const World& world, TaskIndex current, std::int64_t pid) {
  const Pid number = find_vpid(world, current, pid);
  return number == Pid(0) ? Pid(-1) : number;
}

/// The caller's own group, as it was when it fell asleep.
Pgid own_group(const World& world, TaskIndex current) {
  const UserContext& context = world[world[current].context];
  return context.in_call ? context.waits_in : world.signal_of(current).pgrp;
}

WaitOpts wait4_opts(const World& world, TaskIndex current, const Call& call) {
  WaitOpts opts{.current = current, .flags = call.arg[1] | kExited};
  const std::int64_t pid = call.arg[0];
  if (pid == -1) return opts;
  opts.type = pid > 0 ? For::pid : For::pgid;
  if (pid > 0) opts.pid = named_pid(world, current, pid);
  if (pid < 0) opts.pgid = Pgid(named_pid(world, current, -pid).value());
  if (pid == 0) opts.pgid = own_group(world, current);
  return opts;
}

constexpr std::int64_t kIdAll = 0, kIdPid = 1, kIdPgid = 2, kIdPidfd = 3;

/// The errors of waitid(2) and pidfd_open(2) before anybody is waited for; 0: none.
std::int64_t waitid_opts(const Kernel& kernel, TaskIndex current, const Call& call,
                         WaitOpts& opts) {
  const World& world = kernel.world;
  const auto [type, id, options, unused, unused2] = call.arg;
  if (type == kIdPidfd) {
    if (kernel.version < KernelVersion::v5_10) return -ENOSYS;  // pidfd_open: since 5.3
    if (id <= 0) return -EINVAL;
    const TaskIndex task = find_task_by_vpid(world, current, id);
    if (!task) return -ESRCH;
    if (!thread_group_leader(world, task))
      return kernel.version >= KernelVersion::v6_18 ? -ENOENT : -EINVAL;
  }
  constexpr std::int64_t kKnown =
      kNoHang | kUntraced | kExited | kContinued | kNoWait | kNoThread | kAll | kClone;
  if ((options & ~kKnown) != 0 || (options & (kExited | kUntraced | kContinued)) == 0)
    return -EINVAL;
  opts.flags = options;
  if (type == kIdAll) return 0;
  if (type != kIdPid && type != kIdPgid && type != kIdPidfd) return -EINVAL;
  const bool own = type == kIdPgid && id == 0 && kernel.version >= KernelVersion::v5_10;
  if (id <= 0 && !own) return -EINVAL;
  opts.type = type == kIdPgid ? For::pgid : For::pid;
  if (own)
    opts.pgid = own_group(world, current);
  else if (type == kIdPgid)
    opts.pgid = Pgid(named_pid(world, current, id).value());
  else
    opts.pid = named_pid(world, current, id);
  return 0;
}

/// Of one who is asleep in it, or makes it again after a handler, and has its pidfd open: if nobody
/// is left whom it names, nobody.
WaitOpts waitid_again(const Kernel& kernel, TaskIndex current, const Call& call) {
  WaitOpts opts{.current = current};
  if (waitid_opts(kernel, current, call, opts) == 0) return opts;
  return {.current = current, .type = For::pid, .pid = Pid(-1), .flags = call.arg[2]};
}

void remember_own_group(World& world, TaskIndex current) {
  UserContext& context = world[world[current].context];
  if (!context.in_call) context.waits_in = world.signal_of(current).pgrp;
}

}  // namespace

/// child_wait_callback
bool waits_for(const Kernel& kernel, TaskIndex sleeper, TaskIndex task) {
  const World& world = kernel.world;
  const Call& call = sleeping_in(world, sleeper);
  if (call.nr != Sys::wait4 && call.nr != Sys::waitid) return false;
  WaitOpts opts{.current = sleeper};
  if (call.nr == Sys::wait4)
    opts = wait4_opts(world, sleeper, call);
  else
    opts = waitid_again(kernel, sleeper, call);
  const bool only_own = (opts.flags & kNoThread) != 0;
  return eligible_pid(world, opts, task) && (!only_own || world[task].parent == sleeper);
}

Outcome sys_wait4(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  constexpr std::int64_t kKnown = kNoHang | kUntraced | kContinued | kNoThread | kClone | kAll;
  if ((call.arg[1] & ~kKnown) != 0) return -EINVAL;
  if (call.arg[0] == INT_MIN) return -ESRCH;  // its negative is no int
  remember_own_group(world, current);
  WaitOpts opts = wait4_opts(world, current, call);
  Found result;
  const Outcome outcome = do_wait(kernel, opts, result);
  CallResult& told = world[world[current].context].regs.result;
  if (outcome && *outcome > 0) told.status = result.status;
  return outcome;
}

Outcome sys_waitid(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  WaitOpts opts{.current = current};
  remember_own_group(world, current);
  UserContext& context = world[world[current].context];
  const bool has_pidfd = context.regs.has_slept && call.arg[0] == kIdPidfd;
  if (context.in_call || has_pidfd)
    opts = waitid_again(kernel, current, call);
  else if (const std::int64_t error = waitid_opts(kernel, current, call, opts); error != 0)
    return error;
  Found result;
  const Outcome outcome = do_wait(kernel, opts, result);
  context.regs.has_slept = !outcome;
  if (!outcome || *outcome <= 0) return outcome;
  world[world[current].context].regs.result.info = result.info;
  return 0;
}

bool wait_task_zombie(Kernel& kernel, TaskIndex parent, TaskIndex child) {
  const World& world = kernel.world;
  if (!world.is_zombie(child) || !world[child].real_parent) return false;
  if (world.leader(world[child].real_parent) != world.leader(parent)) return false;
  release_task(kernel, child, parent);
  return true;
}

}  // namespace knell::kernel
