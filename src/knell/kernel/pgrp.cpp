/// kernel/exit.c and kernel/signal.c: process groups, and who may continue those that stopped.

#include <algorithm>
#include <cerrno>
#include <functional>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

bool is_global_init(const World& world, TaskIndex task) {
  return world.global_init && world[task].pid.value() <= 1;
}

/// will_become_orphaned_pgrp: a group is orphaned when none of its members has a parent outside
/// the group and inside the session: nobody is left whose shell could continue it. (POSIX, Base
/// Definitions 3.263.)
bool will_become_orphaned_pgrp(const World& world, Pgid group, TaskIndex ignored) {
  for (TaskIndex member : world.processes()) {
    const SignalStruct& mine = world.signal_of(member);
    const TaskIndex parent = world[member].real_parent;
    if (mine.pgrp != group || member == ignored || !parent) continue;
    if (world.is_zombie(member) || is_global_init(world, parent)) continue;
    const SignalStruct& theirs = world.signal_of(parent);
    if (theirs.pgrp != group && theirs.session == mine.session) return false;
  }
  return true;
}

bool has_stopped_jobs(const World& world, Pgid group) {
  for (TaskIndex member : world.processes()) {
    if (world.signal_of(member).pgrp != group) continue;
    if (world.signal_of(member).stop_stopped) return true;
    if (!world[member].context && world[member].state == TaskState::stopped) return true;
  }
  return false;
}

}  // namespace

bool is_current_pgrp_orphaned(const World& world, TaskIndex task) {
  return will_become_orphaned_pgrp(world, world.signal_of(task).pgrp, {});
}

void kill_orphaned_pgrp(Kernel& kernel, TaskIndex task, TaskIndex parent) {
  const World& world = kernel.world;
  // Of a machine's tasks it is known which are stopped: mostly none is.
  if (kernel.stopped_tasks == 0 && kernel.traced_tasks == 0 && world.contexts.empty()) return;
  const Function in(kernel, "kill_orphaned_pgrp", task);
  const TaskIndex ignored = parent ? TaskIndex{} : task;
  const TaskIndex above = parent ? parent : world[task].real_parent;
  if (!above) return;
  const SignalStruct& mine = world.signal_of(task);
  const SignalStruct& theirs = world.signal_of(above);
  const Pgid group = mine.pgrp;
  if (theirs.pgrp == group || theirs.session != mine.session) return;
  if (!will_become_orphaned_pgrp(world, group, ignored) || !has_stopped_jobs(world, group)) return;
  for (const Signal signal : {signals::kHup, signals::kCont}) {
    Source source = Source::kernel();
    kill_pgrp_info(kernel, signal, source, group);
  }
}

namespace {

/// The group's processes, the last to join first (attach_pid adds at the head).
std::vector<TaskIndex> members_of(const World& world, Pgid group) {
  std::vector<TaskIndex> members;
  for (const TaskIndex process : world.processes())
    if (world.signal_of(process).pgrp == group) members.push_back(process);
  std::ranges::stable_sort(members, std::ranges::greater{},
                           [&](TaskIndex member) { return world.signal_of(member).joined_pgrp; });
  return members;
}

}  // namespace

int kill_pgrp_info(Kernel& kernel, Signal signal, Source& source, Pgid group) {
  const Function in(kernel, "__kill_pgrp_info", source.task);
  bool success = false;
  int last = -ESRCH;
  for (const TaskIndex target : members_of(kernel.world, group)) {
    const int error = group_send_sig_info(kernel, signal, source, target, PidType::pgid);
    success = success || error == 0;
    last = error;
  }
  return success ? 0 : last;
}

}  // namespace knell::kernel
