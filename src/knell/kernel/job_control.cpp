/// kernel/exit.c and kernel/signal.c: stopped process groups, and who may continue them.

#include "knell/kernel/signal.hpp"

namespace knell::kernel {
namespace {

/// will_become_orphaned_pgrp: a group is orphaned when none of its members has a parent outside
/// the group and inside the session: nobody is left whose shell could continue it. (POSIX, Base
/// Definitions 3.263.)
bool will_become_orphaned_pgrp(const World& world, Pgid group, TaskIndex ignored) {
  for (TaskIndex member : world.processes()) {
    const SignalStruct& mine = world.signal_of(member);
    const TaskIndex parent = world[member].real_parent;
    if (mine.pgrp != group || member == ignored || !parent) continue;
    if (world.is_zombie(member) || world[parent].pid.value() <= 1) continue;
    const SignalStruct& theirs = world.signal_of(parent);
    if (theirs.pgrp != group && theirs.session == mine.session) return false;
  }
  return true;
}

bool has_stopped_jobs(const World& world, Pgid group) {
  for (TaskIndex member : world.processes())
    if (world.signal_of(member).pgrp == group && world[member].state == TaskState::stopped)
      return true;
  return false;
}

}  // namespace

bool is_current_pgrp_orphaned(const World& world, TaskIndex task) {
  return will_become_orphaned_pgrp(world, world.signal_of(task).pgrp, {});
}

void kill_orphaned_pgrp(Kernel& kernel, TaskIndex task, TaskIndex parent) {
  const World& world = kernel.world;
  if (kernel.stopped_tasks == 0) return;
  const TaskIndex ignored = parent ? TaskIndex{} : task;
  const TaskIndex above = parent ? parent : world[task].real_parent;
  if (!above) return;
  const SignalStruct& mine = world.signal_of(task);
  const SignalStruct& theirs = world.signal_of(above);
  const Pgid group = mine.pgrp;
  if (theirs.pgrp == group || theirs.session != mine.session) return;
  if (!will_become_orphaned_pgrp(world, group, ignored) || !has_stopped_jobs(world, group)) return;
  kill_pgrp_info(kernel, signals::kHup, Sender::kernel(), group);
  kill_pgrp_info(kernel, signals::kCont, Sender::kernel(), group);
}

void do_signal_stop(Kernel& kernel, TaskIndex task, Signal signal) {
  World& world = kernel.world;
  for (TaskIndex thread = world.leader(task); thread; thread = world[thread].next_thread) {
    Task& each = world[thread];
    if (each.exiting || each.state == TaskState::stopped) continue;
    each.state = TaskState::stopped;
    ++kernel.stopped_tasks;
  }
  kernel.note({Event::Kind::job_stop, task, {}, signal, 0});
}

}  // namespace knell::kernel
