/// kernel/exit.c: a task ends.
///
/// do_group_exit → do_exit → exit_mm → exit_files → exit_notify → (parent's wait) → release_task.

#include <vector>

#include "knell/kernel/signal.hpp"

namespace knell::kernel {
namespace {

/// find_alive_thread
TaskIndex find_alive_thread(const World& world, TaskIndex task) {
  for (TaskIndex thread = world.leader(task); thread; thread = world[thread].next_thread)
    if (!world[thread].exiting && world[thread].state != TaskState::released) return thread;
  return {};
}

/// zap_other_threads
void zap_other_threads(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  for (TaskIndex thread = world.leader(task); thread; thread = world[thread].next_thread) {
    if (thread == task || world[thread].exiting) continue;
    world[thread].pending.signal.add(signals::kKill);
    signal_wake_up(kernel, thread, true);
  }
}

void exit_mm(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const MmIndex mm = world[task].mm;
  if (!mm) return;
  world[task].mm = {};
  if (--world[mm].users > 0) return;
  kernel.note(
      {Event::Kind::exit_mm, task, {}, {}, static_cast<std::int64_t>(world[mm].private_bytes)});
  world[mm] = MmStruct{.users = 0};
}

void exit_files(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const FilesIndex files = world[task].files;
  if (!files) return;
  world[task].files = {};
  if (--world[files].users > 0) return;
  kernel.note(
      {Event::Kind::exit_files, task, {}, {}, static_cast<std::int64_t>(world[files].open.size())});
  world[files] = FilesStruct{.users = 0};
}

/// reparent_leader: a zombie child is offered to its new parent, who may not care for it.
void reparent_leader(Kernel& kernel, TaskIndex father, TaskIndex child,
                     std::vector<TaskIndex>& dead) {
  const World& world = kernel.world;
  const bool traced = world[child].parent != world[child].real_parent;
  if (!traced && world[child].state == TaskState::zombie && thread_group_empty(world, child) &&
      do_notify_parent(kernel, child))
    dead.push_back(child);
  kill_orphaned_pgrp(kernel, child, father);
}

/// find_child_reaper and zap_pid_ns_processes (kernel/pid_namespace.c): with the last thread of its
/// init a pid namespace ends.
void zap_pid_ns_processes(Kernel& kernel, TaskIndex init) {
  World& world = kernel.world;
  const PidNamespaceIndex ns = world[init].pid_ns;
  if (!ns || world[ns].child_reaper != init) return;
  world[ns].child_reaper = find_alive_thread(world, init);
  if (world[ns].child_reaper) return;
  for (TaskIndex inside : world.processes())
    if (inside != init && world[inside].pid_ns == ns)
      send_signal_locked(kernel, signals::kKill, Sender::kernel(), inside, PidType::pgid, true);
}

/// forget_original_parent
void forget_original_parent(Kernel& kernel, TaskIndex father, std::vector<TaskIndex>& dead) {
  World& world = kernel.world;
  zap_pid_ns_processes(kernel, father);
  const TaskIndex reaper = find_new_reaper(world, father);
  while (const TaskIndex child = world[father].first_child) {
    world.set_real_parent(child, reaper);
    kernel.note({Event::Kind::reparent, child, reaper, {}, 0});
    if (!reaper || world.leader(reaper) != world.leader(father))
      reparent_leader(kernel, father, child, dead);
  }
}

/// exit_notify
void exit_notify(Kernel& kernel, TaskIndex task, bool group_dead) {
  World& world = kernel.world;
  std::vector<TaskIndex> dead;
  forget_original_parent(kernel, task, dead);
  if (group_dead) kill_orphaned_pgrp(kernel, world.leader(task), {});
  world[task].state = TaskState::zombie;
  const bool is_leader = world.leader(task) == task;
  bool autoreap = !is_leader;  // nobody waits for a thread
  if (is_leader) {
    kernel.note({Event::Kind::zombie, task, {}, {}, world[task].exit_code});
    autoreap = thread_group_empty(world, task) && do_notify_parent(kernel, task);
  }
  if (autoreap) dead.push_back(task);
  for (TaskIndex gone : dead) release_task(kernel, gone, {});
}

}  // namespace

/// find_child_reaper and find_new_reaper: a living thread of the same process, then the nearest
/// ancestor that asked for it (prctl(2) PR_SET_CHILD_SUBREAPER) in the same pid namespace, then
/// the namespace's init.
TaskIndex find_new_reaper(const World& world, TaskIndex father) {
  if (const TaskIndex thread = find_alive_thread(world, father)) return thread;
  const PidNamespaceIndex ns = world[father].pid_ns;
  for (TaskIndex above = world[father].real_parent; above; above = world[above].real_parent) {
    if (world[above].pid_ns != ns) break;
    if (!world.signal_of(above).child_subreaper) continue;
    if (const TaskIndex thread = find_alive_thread(world, above)) return thread;
  }
  const PidNamespaceIndex home = ns || world.pid_namespaces.empty() ? ns : PidNamespaceIndex(0);
  return home ? world[home].child_reaper : world.find(Pid(1));
}

void do_group_exit(Kernel& kernel, TaskIndex task, int code) {
  SignalStruct& group = kernel.world.signal_of(task);
  if (!group.group_exit) {
    group.group_exit = true;
    group.group_exit_code = code;
    kernel.note({Event::Kind::group_exit, task, {}, {}, code});
    zap_other_threads(kernel, task);
  }
  do_exit(kernel, task, group.group_exit_code);
}

void do_exit(Kernel& kernel, TaskIndex task, int code) {
  World& world = kernel.world;
  world[task].exiting = true;  // exit_signals
  world[task].signal_pending = false;
  SignalStruct& group = world.signal_of(task);
  // Threads that were not read (Known::threads) go with the one that stands for them.
  if (!has(world[task].known, Known::threads) && !world[world.leader(task)].next_thread) {
    group.live = 1;
    group.nr_threads = 1;
  }
  const bool group_dead = --group.live == 0;
  world[task].exit_code = code;
  exit_mm(kernel, task);
  exit_files(kernel, task);
  exit_notify(kernel, task, group_dead);
}

bool do_notify_parent(Kernel& kernel, TaskIndex task) {
  const World& world = kernel.world;
  const TaskIndex parent = world[task].parent;
  if (!parent) return true;
  const bool traced = parent != world[task].real_parent;
  const bool autoreap = !traced && handler_of(world, parent, signals::kChld) == Handler::ignore;
  kernel.note({Event::Kind::notify_parent, task, parent, signals::kChld, 0});
  if (!autoreap)
    send_signal_locked(kernel, signals::kChld, Sender::kernel(), parent, PidType::tgid, false);
  return autoreap;
}

void release_task(Kernel& kernel, TaskIndex task, TaskIndex waiter) {
  World& world = kernel.world;
  const TaskIndex head = world.leader(task);
  kernel.note({Event::Kind::release, task, waiter, {}, 0});
  world.remove(task);
  // The last thread is gone: the leader that ended before it can now be waited for.
  if (head != task && world[head].state == TaskState::zombie && thread_group_empty(world, head) &&
      do_notify_parent(kernel, head))
    release_task(kernel, head, {});
}

void exit_group(Kernel& kernel, TaskIndex current, int code) {
  do_group_exit(kernel, current, WaitStatus::exited(code).word());
}

bool wait_task_zombie(Kernel& kernel, TaskIndex parent, TaskIndex child) {
  const World& world = kernel.world;
  if (!world.is_zombie(child) || !world[child].real_parent) return false;
  if (world.leader(world[child].real_parent) != world.leader(parent)) return false;
  release_task(kernel, child, parent);
  return true;
}

}  // namespace knell::kernel
