/// kernel/exit.c: the children get a new parent, the parent is told, and the last is released.

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "knell/kernel/sched.hpp"
#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

PidNamespaceIndex home_of(const World& world, TaskIndex task) {
  const PidNamespaceIndex ns = world[task].pid_ns;
  return ns || world.pid_namespaces.empty() ? ns : PidNamespaceIndex(0);
}

/// find_new_reaper: a living thread of the same process, then the nearest ancestor that asked for
/// it (prctl(2) PR_SET_CHILD_SUBREAPER) in the same pid namespace, then the namespace's init.
TaskIndex find_new_reaper(const World& world, TaskIndex father) {
  if (const TaskIndex thread = find_alive_thread(world, father)) return thread;
  const PidNamespaceIndex ns = home_of(world, father);
  for (TaskIndex above = world[father].real_parent; above; above = world[above].real_parent) {
    if (home_of(world, above) != ns) break;
    if (!world.signal_of(above).child_subreaper) continue;
    if (const TaskIndex thread = find_alive_thread(world, above)) return thread;
  }
  return ns ? world[ns].child_reaper : world.find(Pid(1));
}

/// reparent_leader: a zombie child is offered to its new parent, who may not care for it.
void reparent_leader(Kernel& kernel, TaskIndex father, TaskIndex child,
                     std::vector<TaskIndex>& dead) {
  World& world = kernel.world;
  if (world[child].state == TaskState::dead) return;
  world[child].exit_signal = signals::kChld;
  if (!is_traced(world, child) && world[child].state == TaskState::zombie &&
      thread_group_empty(world, child) && do_notify_parent(kernel, child, signals::kChld)) {
    world[child].state = TaskState::dead;
    dead.push_back(child);
  }
  kill_orphaned_pgrp(kernel, child, father);
}

/// The threads of one child have another real parent, and may have wanted to be told.
void reparent_threads(Kernel& kernel, TaskIndex father, TaskIndex child, TaskIndex reaper) {
  World& world = kernel.world;
  for_each_thread(world, child, [&](TaskIndex thread) {
    Task& of = world[thread];
    const bool traced = is_traced(world, thread);
    if (thread == child)
      world.set_real_parent(thread, reaper);
    else
      of.real_parent = reaper;
    if (!traced) of.parent = reaper;
    if (of.pdeath_signal.number() == 0) return;
    Source source{Source::Kind::noinfo, father};
    group_send_sig_info(kernel, of.pdeath_signal, source, thread, PidType::tgid);
  });
  kernel.note({Event::Kind::reparent, child, reaper, {}, 0});
}

/// zap_pid_ns_processes of kernel/pid_namespace.c: with the last thread of its init a pid namespace
/// ends.
void zap_pid_ns_processes(Kernel& kernel, TaskIndex init) {
  const Function in(kernel, "zap_pid_ns_processes", init);
  World& world = kernel.world;
  const PidNamespaceIndex ns = home_of(world, init);
  world[ns].dying = true;
  SighandStruct& table = world[world[init].sighand];
  table.ignored.add(signals::kChld);
  table.caught.remove(signals::kChld);
  for (std::size_t place = 0; place < world.tasks.size(); ++place) {
    const TaskIndex inside(place);
    const Task& task = world[inside];
    if (same_thread_group(world, inside, init) || task.state == TaskState::released) continue;
    if (!ns_is_inside(world, task.pid_ns, ns) || fatal_signal_pending(world, inside)) continue;
    Source source = Source::kernel();
    group_send_sig_info(kernel, signals::kKill, source, inside, PidType::pgid);
  }
}

/// The dying init waits until no number of its namespace is used but its own and its leader's
/// (init_pids): by a task, also a thread of its own which a tracer has yet to wait for; by a
/// process group or a session, of which also somebody outside may be a member.
bool any_number_used(const World& world, TaskIndex init) {
  const PidNamespaceIndex ns = home_of(world, init);
  std::unordered_set<int> numbers;
  for (std::size_t place = 0; place < world.tasks.size(); ++place) {
    const TaskIndex task(place);
    if (task == init || task == world.leader(init) || !ns_is_inside(world, world[task].pid_ns, ns))
      continue;
    if (world[task].state != TaskState::released) return true;
    numbers.insert(world[task].pid.value());
  }
  if (numbers.empty()) return false;
  return std::ranges::any_of(world.processes(), [&](TaskIndex process) {
    const SignalStruct& group = world.signal_of(process);
    return numbers.contains(group.pgrp.value()) || numbers.contains(group.session.value());
  });
}

/// find_child_reaper. True: `father` was its namespace's init, and the namespace ends with it.
bool ends_its_namespace(Kernel& kernel, TaskIndex father) {
  World& world = kernel.world;
  const PidNamespaceIndex ns = home_of(world, father);
  if (!ns || world[ns].child_reaper != father) return false;
  world[ns].child_reaper = find_alive_thread(world, father);
  if (world[ns].child_reaper) return false;
  world[ns].child_reaper = father;
  return true;
}

/// Whether one of the process is on a processor, perhaps, and about to take a signal.
bool may_take_a_signal(const Kernel& kernel, TaskIndex process) {
  if (!kernel.preemptible() || !process) return false;
  const World& world = kernel.world;
  bool may = false;
  for_each_thread(world, process, [&](TaskIndex thread) {
    may = may || (world[thread].on_rq && world[thread].signal_pending);
  });
  return may;
}

/// Whether it is on its way to a handler, or in one, and not to anything that needs the list of
/// tasks, which whoever ends holds meanwhile.
bool goes_to_a_handler(const World& world, TaskIndex thread) {
  const Task& of = world[thread];
  const SignalStruct& group = world.signal_of(thread);
  if (!of.on_rq || !of.context || of.exiting || of.exit_step != 0 || of.jobctl.stop_pending)
    return false;
  if (group.group_exit || group.group_exec || group.cld_continued || group.cld_stopped)
    return false;
  const SigSet ready = (of.pending.signal | group.shared_pending.signal) & ~of.blocked;
  const auto& frames = world[of.context].frames;
  const bool in_one =
      !frames.empty() && (!frames.back().entered || frames.back().handler == Handler::returns);
  return (in_one || !ready.empty()) && ready == (ready & world[of.sighand].caught);
}

/// The newest in the list is the first (list_add). Others may go on before the next is released:
/// whoever is told by one of them of a child, and who waited in execve for the end of one of its
/// threads.
void release_all(Kernel& kernel, std::vector<TaskIndex>& dead) {
  World& world = kernel.world;
  for (; !dead.empty(); dead.pop_back()) {
    release_task(kernel, dead.back(), {});
    if (dead.size() == 1 || !kernel.preemptible()) continue;
    const std::vector<TaskIndex> woken = world.run_queue;
    for (const TaskIndex other : woken) {
      const bool goes_on = world[other].in_execve || goes_to_a_handler(world, other);
      if (world[other].on_rq && goes_on && kernel.either()) run_meanwhile(kernel, other);
    }
  }
}

/// Who was traced by its child, which ends, goes on before it is told of that end.
void let_parent_go_on(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const TaskIndex parent = world[task].parent;
  if (!kernel.preemptible() || !parent) return;
  while (goes_to_a_handler(world, parent) && kernel.either()) run_meanwhile(kernel, parent);
}

/// The second half of forget_original_parent. Who was told of a child may take the signal before
/// there is the next one to take: true if others come between now, and this is to be called again.
bool reparent_children(Kernel& kernel, TaskIndex father, std::vector<TaskIndex>& dead) {
  World& world = kernel.world;
  if (!world[father].first_child) return false;
  const std::size_t woken = world.run_queue.size();
  const TaskIndex reaper = find_new_reaper(world, father);
  const bool stays = reaper && same_thread_group(world, reaper, father);
  while (const TaskIndex child = world[father].last_child) {  // the oldest is the first
    reparent_threads(kernel, father, child, reaper);
    if (!stays) reparent_leader(kernel, father, child, dead);
    if (may_take_a_signal(kernel, reaper) && kernel.either()) return true;
  }
  return kernel.preemptible() && world.run_queue.size() > woken;
}

/// exit_notify, from where nothing has to be waited for any more.
void notify_and_leave(Kernel& kernel, TaskIndex task, bool group_dead,
                      std::vector<TaskIndex>& dead) {
  World& world = kernel.world;
  if (group_dead) kill_orphaned_pgrp(kernel, world.leader(task), {});
  set_state(kernel, task, TaskState::zombie);
  const bool is_leader = thread_group_leader(world, task);
  const bool alone = thread_group_empty(world, task);
  bool autoreap = !is_leader;  // nobody waits for a thread
  if (is_leader) kernel.note({Event::Kind::zombie, task, {}, {}, world[task].exit_code});
  if (world[task].ptrace.traced) {
    const bool own = is_leader && alone && !ptrace_reparented(world, task);
    autoreap = do_notify_parent(kernel, task, own ? world[task].exit_signal : signals::kChld);
  } else if (is_leader) {
    autoreap = alone && do_notify_parent(kernel, task, world[task].exit_signal);
  }
  if (autoreap) {
    world[task].state = TaskState::dead;
    dead.push_back(task);
  }
  wake_group_exec(kernel, task);
  release_all(kernel, dead);
}

void leave_children(Kernel& kernel, TaskIndex task, bool group_dead, std::vector<TaskIndex>& dead) {
  if (!reparent_children(kernel, task, dead))
    return notify_and_leave(kernel, task, group_dead, dead);
  release_all(kernel, dead);
  give_way_in_exit_notify(kernel, task);
}

/// Who inherits a namespace's init's children when it ends is the init itself: nobody waits for
/// them, they are released as they end.
void begin_zap(Kernel& kernel, TaskIndex task, bool group_dead) {
  World& world = kernel.world;
  zap_pid_ns_processes(kernel, task);
  world[task].in_zap = true;
  world[task].group_dead = group_dead;
  for (TaskIndex child = world[task].first_child; child;) {  // kernel_wait4(-1, __WALL)
    const TaskIndex next = world[child].next_sibling;
    if (world.is_zombie(child) && !is_traced(world, child)) release_task(kernel, child, task);
    child = next;
  }
  finish_zap(kernel, task);
}

}  // namespace

TaskIndex find_alive_thread(const World& world, TaskIndex task) {
  for (TaskIndex thread = world.leader(task); thread; thread = world[thread].next_thread)
    if (!world[thread].exiting && world[thread].state != TaskState::released) return thread;
  return {};
}

bool delay_group_leader(const World& world, TaskIndex task) {
  return thread_group_leader(world, task) && !thread_group_empty(world, task);
}

void exit_notify(Kernel& kernel, TaskIndex task, bool group_dead) {
  std::vector<TaskIndex> dead;
  const TaskIndex parent = kernel.world[task].parent;
  const bool traces_parent =
      parent && is_traced(kernel.world, parent) && kernel.world[parent].parent == task;
  exit_ptrace(kernel, task, dead);
  if (traces_parent) let_parent_go_on(kernel, task);
  if (ends_its_namespace(kernel, task)) {
    release_all(kernel, dead);
    return begin_zap(kernel, task, group_dead);
  }
  leave_children(kernel, task, group_dead, dead);
}

void finish_exit_notify(Kernel& kernel, TaskIndex task) {
  std::vector<TaskIndex> dead;
  leave_children(kernel, task, kernel.world[task].group_dead, dead);
}

void finish_zap(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  for (TaskIndex child = world[task].first_child; child;) {
    const TaskIndex next = world[child].next_sibling;
    if (world.is_zombie(child) && !is_traced(world, child)) release_task(kernel, child, task);
    child = next;
  }
  if (any_number_used(world, task)) {
    set_state(kernel, task, TaskState::sleeping);
    return;
  }
  world[task].in_zap = false;
  std::vector<TaskIndex> dead;
  notify_and_leave(kernel, task, world[task].group_dead, dead);
}

void wake_up_parent(Kernel& kernel, TaskIndex task, TaskIndex parent) {
  const World& world = kernel.world;
  if (world[parent].in_zap) wake_up_process(kernel, parent);
  if (world.sleepers.empty()) return;
  wake_up_all(kernel, [&](TaskIndex sleeper) {
    return same_thread_group(world, sleeper, parent) && waits_for(kernel, sleeper, task);
  });
}

bool do_notify_parent(Kernel& kernel, TaskIndex task, Signal signal) {
  const Function in(kernel, "do_notify_parent", task);
  World& world = kernel.world;
  const Task& of = world[task];
  const TaskIndex parent = of.parent;
  if (!parent) return !of.context;  // of a World that was built: who waits for init is outside
  if (world[parent].state == TaskState::released) return true;
  if (signal != signals::kChld && of.parent_exec_id != world[parent].self_exec_id)
    signal = signals::kChld;  // the parent is another program by now
  SigInfo info{.signal = signal, .code = si::kExited};
  info.pid = task_pid_nr_ns(world, task, world[parent].pid_ns);
  if (of.cred) info.uid = world[of.cred].uid;
  info.status = of.exit_code & 0x7f;
  if (info.status == 0)
    info.status = of.exit_code >> 8;
  else
    info.code = (of.exit_code & 0x80) != 0 ? si::kDumped : si::kKilled;
  const SighandStruct& table = world[world[parent].sighand];
  const bool ignored = table.ignored.has(signals::kChld);
  const bool autoreap =
      !is_traced(world, task) && signal == signals::kChld && (ignored || table.nocldwait);
  kernel.note({Event::Kind::notify_parent, task, parent, signal, info.code});
  if (signal.valid() && signal.number() != 0 && !(autoreap && ignored)) {
    const Source source{Source::Kind::info, {}, info};
    __send_signal_locked(kernel, signal, source, parent, PidType::tgid, false);
  }
  wake_up_parent(kernel, task, parent);
  return autoreap;
}

/// release_task, with __exit_signal: what is left of the task goes, its number too.
void release_task(Kernel& kernel, TaskIndex task, TaskIndex waiter) {
  const Function in(kernel, "release_task", task);
  World& world = kernel.world;
  const TaskIndex head = world.leader(task);
  kernel.note({Event::Kind::release, task, waiter, {}, 0});
  ptrace_unlink(kernel, task);
  flush_sigqueue(world, world[task].pending);
  if (head == task) flush_sigqueue(world, world.signal_of(task).shared_pending);
  --world[world[task].sighand].users;
  world.remove(task);
  wake_group_exec(kernel, task);
  wake_zapping_inits(kernel, task);
  // The last thread is gone: the leader that ended before it can now be waited for. Since 6.15 it
  // says then why the group ended, not why it had gone itself.
  if (head != task && world.signal_of(head).group_exit && kernel.version >= KernelVersion::v6_18)
    world[head].exit_code = world.signal_of(head).group_exit_code;
  if (head != task && world[head].state == TaskState::zombie && thread_group_empty(world, head) &&
      do_notify_parent(kernel, head, world[head].exit_signal))
    release_task(kernel, head, {});
}

}  // namespace knell::kernel
