/// kernel/fork.c: tasks are made.

#include <cerrno>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

// include/uapi/linux/sched.h
constexpr std::int64_t kVm = 0x100, kFiles = 0x400, kSighand = 0x800, kVfork = 0x4000,
                       kCsignal = 0x7f, kParent = 0x8000, kThread = 0x10000, kNewPid = 0x20000000;

/// The checks at the beginning of copy_process; 0: it may be.
int check_clone(const World& world, TaskIndex current, std::int64_t flags) {
  const auto has = [&](std::int64_t flag) { return (flags & flag) != 0; };
  if (has(kThread) && !has(kSighand)) return -EINVAL;
  if (has(kSighand) && !has(kVm)) return -EINVAL;
  // Siblings of an init would have nobody to wait for them.
  if (has(kParent) && world.signal_of(current).unkillable) return -EINVAL;
  if (has(kThread) && has(kNewPid)) return -EINVAL;
  return 0;
}

PidNamespaceIndex home_of(const World& world, TaskIndex task) {
  return world[task].pid_ns ? world[task].pid_ns : PidNamespaceIndex(0);
}

/// copy_pid_ns: a namespace below the caller's.
PidNamespaceIndex make_pid_ns(World& world, TaskIndex current) {
  const PidNamespaceIndex ns(world.pid_namespaces.size());
  PidNamespace made;
  made.parent = home_of(world, current);
  world.pid_namespaces.push_back(made);
  return ns;
}

/// Who will be told of its end: CLONE_PARENT and threads have the caller's parent.
void choose_parent(World& world, TaskIndex current, TaskIndex child, std::int64_t flags,
                   std::int64_t exit_signal) {
  const bool sibling = (flags & (kParent | kThread)) != 0;
  const TaskIndex parent = sibling ? world[current].real_parent : current;
  Task& made = world[child];
  if ((flags & kThread) != 0) {
    made.real_parent = made.parent = parent;
  } else {
    made.real_parent = made.parent = {};
    world.set_real_parent(child, parent);
    world[child].parent = parent;
  }
  world[child].parent_exec_id =
      sibling ? world[current].parent_exec_id : world[current].self_exec_id;
  if ((flags & kThread) != 0)
    world[child].exit_signal = Signal(0);
  else if ((flags & kParent) != 0)
    world[child].exit_signal = world[world.leader(current)].exit_signal;
  else
    world[child].exit_signal = Signal(static_cast<int>(exit_signal & kCsignal));
}

/// copy_sighand, copy_mm, copy_files of a new process: shared or copied.
void copy_resources(World& world, TaskIndex current, TaskIndex child, std::int64_t flags) {
  Task& made = world[child];
  const Task& from = world[current];
  if ((flags & kSighand) != 0) {
    made.sighand = from.sighand;
    ++world[made.sighand].users;
  } else {
    SighandStruct copy = world[from.sighand];
    copy.users = 1;
    world[made.sighand] = std::move(copy);
  }
  if ((flags & kVm) != 0 || !from.mm) {
    made.mm = from.mm;
    if (made.mm) ++world[made.mm].users;
  } else {
    MmStruct copy = world[from.mm];
    copy.users = 1;
    world.shm_attached += copy.shm_attached;
    made.mm = MmIndex(world.mms.size());
    world.mms.push_back(copy);
  }
  if (!from.files) return;
  if ((flags & kFiles) != 0) {
    made.files = from.files;
    ++world[made.files].users;
  } else {
    world[child].files = dup_fd(world, world[current].files);
  }
}

/// copy_signal of a new process.
void copy_signal(World& world, TaskIndex current, TaskIndex child) {
  SignalStruct& made = world.signal_of(child);
  const SignalStruct& from = world.signal_of(current);
  made.pgrp = from.pgrp;
  made.joined_pgrp = ++world.pgrp_joins;
  made.session = from.session;
  made.tty = from.tty;
  made.tty_struct = from.tty_struct;
  made.tty_old_pgrp = {};
  made.sigpending_limit = from.sigpending_limit;
  made.curr_target = child;
  made.start = StartTime(world.clock);
}

/// The program's part: registers, frames on the stack (a new stack has none), alternate stack.
void copy_context(World& world, TaskIndex current, TaskIndex child, std::int64_t flags) {
  const UserContext from = world[world[current].context];
  UserContext& made = world.context_of(child);
  if ((flags & kVm) == 0) {
    made.frames = from.frames;
    made.regs.next = Regs::Next::result;  // ret_from_fork: the call returns in the child, too
    made.regs.result.nr = Sys::clone;
    made.last = from.last;
    made.returned = from.returned;
  }
  const bool keeps_altstack = (flags & (kVm | kVfork)) != kVm;
  made.altstack = keeps_altstack && from.altstack;
  made.altstack_autodisarm = keeps_altstack && from.altstack_autodisarm;
  made.altstack_stale = keeps_altstack && from.altstack_stale;
}

void copy_thread_state(World& world, TaskIndex current, TaskIndex child) {
  Task& made = world[child];
  const Task& from = world[current];
  made.comm = from.comm;
  made.known = from.known;
  made.cred = from.cred;
  made.blocked = from.blocked;
  made.self_exec_id = from.self_exec_id;
  made.fork_no_exec = true;
  made.pdeath_signal = {};
  made.state = TaskState::running;
  made.killable = made.on_rq = made.in_vfork = made.in_execve = false;
  made.vfork_child = made.vfork_parent = {};
  made.real_blocked = {};
}

TaskIndex make_task(World& world, TaskIndex current, std::int64_t flags, Pid pid) {
  if ((flags & kThread) != 0) {
    const TaskIndex thread = world.add_thread(pid, current);
    if ((flags & kFiles) == 0 && world[thread].files) {  // copy_files
      --world[world[thread].files].users;
      world[thread].files = dup_fd(world, world[current].files);
    }
    return thread;
  }
  const TaskIndex child = world.add_process(pid, {});
  copy_signal(world, current, child);
  copy_resources(world, current, child, flags);
  return child;
}

/// task_join_group_stop (Linux 4.19): a new thread of a group that stops, or has stopped but for
/// the caller, whom a tracer let go on.
void task_join_group_stop(Kernel& kernel, TaskIndex current, TaskIndex thread) {
  World& world = kernel.world;
  SignalStruct& group = world.signal_of(current);
  const bool stops = group.group_stop_count != 0;
  if (kernel.version < KernelVersion::v5_10 || (!stops && !group.stop_stopped)) return;
  if (!task_set_stop_pending(world, thread, world[current].jobctl.stop_signal)) return;
  world[thread].jobctl.stop_consume = stops;
  if (stops) ++group.group_stop_count;
  world[thread].signal_pending = true;  // calculate_sigpending
}

/// copy_process
TaskIndex copy_process(Kernel& kernel, TaskIndex current, std::int64_t flags,
                       std::int64_t exit_signal, std::int64_t& error) {
  const Function in(kernel, "copy_process", current);
  World& world = kernel.world;
  error = check_clone(world, current, flags);
  if (error != 0) return {};
  recalc_sigpending(world, current);  // signals that came before the fork are taken before it
  if (world[current].signal_pending) return error = kRestartNoIntr, TaskIndex{};
  if ((flags & kNewPid) != 0 && !capable(world, current, kCapSysAdmin))
    return error = -EPERM, TaskIndex{};  // copy_namespaces
  PidNamespaceIndex ns = home_of(world, current);
  if (world[ns].dying) return error = -ENOMEM, TaskIndex{};
  if ((flags & kNewPid) != 0) ns = make_pid_ns(world, current);
  const std::vector<Pid> numbers = alloc_pid(world, ns);
  const TaskIndex child = make_task(world, current, flags, numbers.front());
  world[child].numbers.assign(numbers.begin() + 1, numbers.end());
  world[child].pid_ns = ns;
  copy_thread_state(world, current, child);
  copy_context(world, current, child, flags);
  choose_parent(world, current, child, flags, exit_signal);
  if ((flags & kThread) != 0) task_join_group_stop(kernel, current, child);
  if ((flags & kNewPid) != 0) {
    world[ns].child_reaper = child;
    world.signal_of(child).unkillable = true;
  }
  return child;
}

}  // namespace

std::int64_t sys_clone(Kernel& kernel, TaskIndex current, const Call& call) {
  const Function in(kernel, "kernel_clone", current);
  World& world = kernel.world;
  const std::int64_t flags = call.arg[0];
  std::int64_t error = 0;
  const TaskIndex child = copy_process(kernel, current, flags, call.arg[1], error);
  if (error != 0) return error;
  kernel.note({Event::Kind::fork, child, current, {}, world[child].pid.value()});
  const std::int64_t number = task_pid_nr_ns(world, child, world[current].pid_ns).value();
  wake_up_process(kernel, child);  // wake_up_new_task
  if ((flags & kVfork) == 0) return number;
  world[child].vfork_parent = current;
  Task& parent = world[current];
  parent.vfork_child = child;
  parent.in_vfork = parent.killable = true;
  UserContext& context = world[parent.context];
  context.in_call = true;
  context.regs.next = Regs::Next::result;
  context.regs.result.nr = Sys::clone;
  context.regs.result.value = number;
  set_state(kernel, current, TaskState::disk_sleep);
  kernel.note({Event::Kind::sleep, current, child, {}, 0, name_of(Sys::clone)});
  return number;
}

}  // namespace knell::kernel
