/// A World as /proc would show it: fs/proc/array.c, proc_pid_status and what it calls.

#include <algorithm>

#include "knell/conform/observation.hpp"

namespace knell::conform {
namespace {

/// A namespace's init that waits in its end for others is still in the call that it came from.
bool is_in_call(const World& world, const Task& task) {
  if (!task.context) return false;
  if (task.in_execve) return true;  // de_thread
  const UserContext& context = world[task.context];
  return context.in_call || (task.exiting && context.regs.next != Regs::Next::program);
}

Doing doing_of(const World& world, const Task& task) {
  switch (task.state) {
    case TaskState::zombie:
    case TaskState::dead:
      return Doing::zombie;
    case TaskState::stopped:
      return Doing::stopped;
    case TaskState::traced:
      return Doing::traced;
    default:
      return is_in_call(world, task) ? Doing::call : Doing::program;
  }
}

/// What only the program can tell.
void observe_program(const UserContext& context, TaskSeen& seen) {
  if (seen.doing == Doing::call) seen.in_call = context.regs.call.nr;
  // Of a frame that lies under another the program does not know until it gets there, and one that
  // ended before its first instruction never told that it was in none.
  const auto entered = std::ranges::count_if(context.frames, &SigFrame::entered);
  if (seen.doing != Doing::zombie) seen.frames = static_cast<std::uint32_t>(entered);
  seen.returned = context.returned;
  seen.last = context.last;
  seen.ran = context.ran;
}

/// task_sig: a zombie keeps its sighand, and so all its sets, until it is waited for.
void observe_signals(const World& world, const Task& task, TaskSeen& seen) {
  const SignalStruct& group = world[task.signal];
  const SighandStruct& table = world[task.sighand];
  seen.pending = task.pending.signal;
  seen.shared_pending = group.shared_pending.signal;
  seen.blocked = task.blocked;
  seen.ignored = table.ignored;
  seen.caught = table.caught;
  seen.threads = group.nr_threads;
}

TaskSeen observe_task(const World& world, TaskIndex index) {
  const Task& task = world[index];
  const SignalStruct& group = world[task.signal];
  TaskSeen seen;
  seen.pid = task.pid;
  seen.tgid = world[group.leader].pid;
  seen.doing = doing_of(world, task);
  if (task.real_parent) seen.parent = world[world.leader(task.real_parent)].pid;
  if (task.ptrace.traced && task.parent) seen.tracer = world[task.parent].pid;
  seen.pgrp = group.pgrp;
  seen.session = group.session;
  if (task.cred) {
    const Cred& cred = world[task.cred];
    seen.uid = cred.uid, seen.euid = cred.euid, seen.suid = cred.suid;
  }
  observe_signals(world, task, seen);
  if (task.context) observe_program(world[task.context], seen);
  return seen;
}

}  // namespace

Observation observe(const World& world) {
  Observation all;
  for (const auto& [pid, task] : world.by_pid)
    if (world[task].state != TaskState::released) all.tasks.push_back(observe_task(world, task));
  return all;
}

}  // namespace knell::conform
