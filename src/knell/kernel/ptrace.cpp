/// kernel/ptrace.c and the ptrace parts of kernel/signal.c, as far as they change signals, stops
/// and who waits for whom.

#include <algorithm>
#include <cerrno>
#include <functional>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

// include/uapi/linux/ptrace.h
constexpr std::int64_t kTraceMe = 0, kCont = 7, kKill = 8, kAttach = 16, kDetach = 17,
                       kSetOptions = 0x4200, kSeize = 0x4206, kInterrupt = 0x4207, kListen = 0x4208;
constexpr std::int64_t kExitKill = 1 << 20;  // PTRACE_O_EXITKILL
constexpr int kEventStop = 128;              // PTRACE_EVENT_STOP

void ptrace_link(Kernel& kernel, TaskIndex task, TaskIndex tracer, bool seized) {
  World& world = kernel.world;
  ++kernel.traced_tasks;
  world[task].ptrace = {.traced = true, .seized = seized, .link = ++world.ptrace_links};
  world[task].parent = tracer;
}

/// ptrace_signal_wake_up. `resume`: also out of a stop for the tracer.
void ptrace_signal_wake_up(Kernel& kernel, TaskIndex task, bool resume) {
  World& world = kernel.world;
  world[task].signal_pending = true;
  const TaskState state = world[task].state;
  if (state == TaskState::stopped || (state == TaskState::traced && !resume)) return;
  if (state == TaskState::disk_sleep) return;
  wake_up_process(kernel, task);
}

/// __ptrace_may_access(PTRACE_MODE_ATTACH_REALCREDS), with the part of security/commoncap.c.
bool ptrace_may_access(const World& world, TaskIndex current, TaskIndex task) {
  if (capable(world, current, kCapSysPtrace)) return true;
  if (!world[current].cred || !world[task].cred) return true;
  const Cred& mine = world[world[current].cred];
  const Cred& theirs = world[world[task].cred];
  if (mine.uid != theirs.uid || mine.uid != theirs.euid || mine.uid != theirs.suid) return false;
  if (world[task].mm && !world[world[task].mm].dumpable) return false;
  return (theirs.cap_permitted & ~mine.cap_permitted) == 0;
}

/// security/commoncap.c: the parent has what the child may do, or may trace anybody.
bool cap_ptrace_traceme(const World& world, TaskIndex current, TaskIndex parent) {
  if (capable(world, parent, kCapSysPtrace) || !world[parent].cred) return true;
  const std::uint64_t mine = world[world[current].cred].cap_permitted;
  return (mine & ~world[world[parent].cred].cap_permitted) == 0;
}

std::int64_t ptrace_traceme(Kernel& kernel, TaskIndex current) {
  World& world = kernel.world;
  const TaskIndex parent = world[current].real_parent;
  if (world[current].ptrace.traced) return -EPERM;
  if (!parent || !cap_ptrace_traceme(world, current, world[current].parent)) return -EPERM;
  if (!world[parent].exiting) ptrace_link(kernel, current, parent, false);
  return 0;
}

Outcome ptrace_attach(Kernel& kernel, TaskIndex current, TaskIndex task, bool seize,
                      std::int64_t options) {
  World& world = kernel.world;
  if (seize && (options & ~kExitKill) != 0) return -EIO;
  if (world[task].kernel_thread || same_thread_group(world, task, current)) return -EPERM;
  if (world.signal_of(task).group_exec) {  // who runs a program anew has cred_guard_mutex
    world[world[current].context].awaited = task;
    return {};
  }
  if (!ptrace_may_access(world, current, task)) return -EPERM;
  const TaskState state = world[task].state;
  const bool ended =
      state == TaskState::zombie || state == TaskState::dead || state == TaskState::released;
  if (ended || world[task].ptrace.traced) return -EPERM;
  ptrace_link(kernel, task, current, seize);
  world[task].ptrace.exitkill = seize && (options & kExitKill) != 0;
  if (!seize) {
    Source source = Source::kernel();
    send_signal_locked(kernel, signals::kStop, source, task, PidType::pid);
  }
  if (state == TaskState::stopped && !fatal_signal_pending(world, task)) {
    world[task].jobctl.trap_stop = true;  // from one kind of stop to the other
    world[task].signal_pending = true;
    wake_up_process(kernel, task);
  }
  return 0;
}

/// ptrace_check_attach
bool is_stopped_for(const World& world, TaskIndex current, TaskIndex task, bool ignore_state) {
  const Task& of = world[task];
  if (!of.ptrace.traced || of.parent != current) return false;
  return ignore_state || (of.state == TaskState::traced && !of.jobctl.listening);
}

std::int64_t ptrace_resume(Kernel& kernel, TaskIndex task, std::int64_t data) {
  if (data < 0 || data > Signal::kLast) return -EIO;
  kernel.world[task].ptrace.stop_code = static_cast<int>(data);
  wake_up_process(kernel, task);
  return 0;
}

bool ignoring_children(const World& world, TaskIndex task) {
  const SighandStruct& table = world[world[task].sighand];
  return table.ignored.has(signals::kChld) || table.nocldwait;
}

/// __ptrace_detach. True: nobody will wait for the task, it can be released.
bool detach(Kernel& kernel, TaskIndex tracer, TaskIndex task) {
  World& world = kernel.world;
  ptrace_unlink(kernel, task);
  if (world[task].state != TaskState::zombie) return false;
  bool dead = !thread_group_leader(world, task);
  if (!dead && thread_group_empty(world, task)) {
    const TaskIndex parent = world[task].real_parent;
    if (!parent || !same_thread_group(world, parent, tracer)) {
      dead = do_notify_parent(kernel, task, world[task].exit_signal);
    } else if (ignoring_children(world, tracer)) {
      wake_up_parent(kernel, task, tracer);
      dead = true;
    }
  }
  if (dead) world[task].state = TaskState::dead;
  return dead;
}

std::int64_t ptrace_detach(Kernel& kernel, TaskIndex current, TaskIndex task, std::int64_t data) {
  if (data < 0 || data > Signal::kLast) return -EIO;
  kernel.world[task].ptrace.stop_code = static_cast<int>(data);
  detach(kernel, current, task);
  return 0;
}

std::int64_t ptrace_interrupt(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (!world[task].ptrace.seized) return -EIO;
  if (fatal_signal_pending(world, task) || world[task].exiting) return 0;
  world[task].jobctl.trap_stop = true;
  ptrace_signal_wake_up(kernel, task, world[task].jobctl.listening);
  return 0;
}

std::int64_t ptrace_listen(Kernel& kernel, TaskIndex task) {
  Task& of = kernel.world[task];
  if (!of.ptrace.seized || of.ptrace.last_siginfo.code >> 8 != kEventStop) return -EIO;
  of.jobctl.listening = true;
  if (of.jobctl.trap_notify) ptrace_signal_wake_up(kernel, task, true);
  return 0;
}

std::int64_t ptrace_kill(Kernel& kernel, TaskIndex current, TaskIndex task) {
  if (kernel.version < KernelVersion::v6_1) {  // it was PTRACE_CONT with SIGKILL
    const TaskState state = kernel.world[task].state;
    if (state == TaskState::traced) return ptrace_resume(kernel, task, signals::kKill.number());
    return 0;
  }
  Source source{Source::Kind::noinfo, current};
  send_signal_locked(kernel, signals::kKill, source, task, PidType::pid);
  return 0;
}

}  // namespace

std::vector<TaskIndex> tracees(const Kernel& kernel, TaskIndex tracer) {
  const World& world = kernel.world;
  std::vector<TaskIndex> found;
  if (kernel.traced_tasks == 0) return found;
  for (std::size_t place = 0; place < world.tasks.size(); ++place) {
    const Task& task = world.tasks[place];
    if (task.ptrace.traced && task.parent == tracer && task.state != TaskState::released)
      found.emplace_back(place);
  }
  std::ranges::sort(found, std::ranges::greater(),
                    [&](TaskIndex task) { return world[task].ptrace.link; });
  return found;
}

void ptrace_trap_notify(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (!fatal_signal_pending(world, task) && !world[task].exiting)
    world[task].jobctl.trap_notify = true;
  ptrace_signal_wake_up(kernel, task, world[task].jobctl.listening);
}

void ptrace_stop(Kernel& kernel, TaskIndex task, int code, int why, bool delivering) {
  const Function in(kernel, "ptrace_stop", task);
  World& world = kernel.world;
  Task& of = world[task];
  of.ptrace.delivering = delivering;
  if (fatal_signal_pending(world, task)) {
    of.ptrace.in_stop = delivering;
    of.jobctl.trap_stop = of.jobctl.trap_notify = false;
    return;
  }
  of.ptrace.in_stop = true;
  of.ptrace.stop_code = code;
  if (!delivering) of.ptrace.last_siginfo = {.signal = Signal(code & 0x7f), .code = code};
  bool last = false;
  if (why == si::kStopped && of.jobctl.stop_pending)
    last = task_participate_group_stop(world, task);
  of.jobctl.trap_stop = false;
  if (!delivering && code >> 8 == kEventStop) of.jobctl.trap_notify = false;
  set_state(kernel, task, TaskState::traced);
  kernel.note({Event::Kind::ptrace_stop, task, world[task].parent, Signal(code & 0x7f), code >> 8});
  do_notify_parent_cldstop(kernel, task, true, why);
  if (last && ptrace_reparented(world, task)) do_notify_parent_cldstop(kernel, task, false, why);
}

void ptrace_stop_left(Kernel& kernel, TaskIndex task) {
  Task& of = kernel.world[task];
  of.ptrace.in_stop = false;
  of.jobctl.listening = false;
  if (!of.ptrace.delivering) {
    of.ptrace.stop_code = 0;
    of.ptrace.last_siginfo = {};
  }
  recalc_sigpending(kernel.world, task);
}

void ptrace_signal(Kernel& kernel, TaskIndex task, const SigInfo& info, bool shared) {
  World& world = kernel.world;
  if (!world[task].context) {  // a machine's: what comes of it is the tracer's say
    set_state(kernel, task, TaskState::traced);
    kernel.note({Event::Kind::ptrace_stop, task, world[task].parent, info.signal, 0});
    return;
  }
  world[task].ptrace.last_siginfo = info;
  world[task].ptrace.shared = shared;
  world[task].jobctl.stop_dequeued = true;  // the tracer may make a stop signal of it
  ptrace_stop(kernel, task, info.signal.number(), si::kTrapped, true);
}

SigInfo ptrace_signal_resumed(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  Task& of = world[task];
  SigInfo info = of.ptrace.last_siginfo;
  const Signal taken(of.ptrace.stop_code & 0x7f);
  const bool shared = of.ptrace.shared;
  of.ptrace.delivering = of.ptrace.in_stop = false;
  of.ptrace.stop_code = 0;
  of.ptrace.last_siginfo = {};
  if (taken.number() == 0) return {};
  if (taken != info.signal) {  // the tracer chose another
    info = {.signal = taken, .code = si::kUser};
    const TaskIndex tracer = of.parent;  // none: somebody outside of the World
    if (tracer) info.pid = task_pid_nr_ns(world, tracer, of.pid_ns);
    if (tracer && world[tracer].cred) info.uid = world[world[tracer].cred].uid;
  }
  if (!of.blocked.has(taken) && !fatal_signal_pending(world, task)) return info;
  Source source{Source::Kind::info, task, info};
  send_signal_locked(kernel, taken, source, task, shared ? PidType::tgid : PidType::pid);
  return {};
}

void exit_ptrace(Kernel& kernel, TaskIndex tracer, std::vector<TaskIndex>& dead) {
  for (const TaskIndex task : tracees(kernel, tracer)) {
    if (kernel.world[task].ptrace.exitkill) {
      Source source = Source::kernel();
      send_signal_locked(kernel, signals::kKill, source, task, PidType::pid);
    }
    if (detach(kernel, tracer, task)) dead.push_back(task);
  }
}

/// __ptrace_unlink: the task is its real parent's again, and stops with its group if that has.
void ptrace_unlink(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  Task& of = world[task];
  if (!of.ptrace.traced) return;
  --kernel.traced_tasks;
  of.parent = of.real_parent;
  of.ptrace.traced = of.ptrace.seized = of.ptrace.exitkill = false;
  of.jobctl.trap_stop = of.jobctl.trap_notify = false;
  const SignalStruct& group = world.signal_of(task);
  if (!of.exiting && (group.stop_stopped || group.group_stop_count != 0))
    of.jobctl.stop_pending = true;
  if (of.jobctl.stop_pending || of.state == TaskState::traced)
    ptrace_signal_wake_up(kernel, task, true);
}

Outcome sys_ptrace(Kernel& kernel, TaskIndex current, const Call& call) {
  const World& world = kernel.world;
  const auto [request, pid, data, unused, unused2] = call.arg;
  if (request == kTraceMe) return ptrace_traceme(kernel, current);
  const UserContext& context = world[world[current].context];
  const TaskIndex task = context.in_call ? context.awaited : find_task_by_vpid(world, current, pid);
  if (!task || (!context.in_call && world[task].state == TaskState::dead)) return -ESRCH;
  if (request == kAttach || request == kSeize)
    return ptrace_attach(kernel, current, task, request == kSeize, data);
  if (!is_stopped_for(world, current, task, request == kKill || request == kInterrupt))
    return -ESRCH;
  switch (request) {
    case kCont:
      return ptrace_resume(kernel, task, data);
    case kDetach:
      return ptrace_detach(kernel, current, task, data);
    case kKill:
      return ptrace_kill(kernel, current, task);
    case kInterrupt:
      return ptrace_interrupt(kernel, task);
    case kListen:
      return ptrace_listen(kernel, task);
    case kSetOptions:
      if ((data & ~kExitKill) != 0) return -EINVAL;
      kernel.world[task].ptrace.exitkill = (data & kExitKill) != 0;
      return 0;
    default:
      return -EIO;
  }
}

}  // namespace knell::kernel
