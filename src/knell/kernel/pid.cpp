/// kernel/pid.c, kernel/pid_namespace.c: the numbers of tasks.

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr std::int32_t kPidMax = 4194304;  // PID_MAX_LIMIT on 64 bit

/// The namespace of a task: none and the first are one.
PidNamespaceIndex active_ns(const World& world, PidNamespaceIndex ns) {
  return ns || world.pid_namespaces.empty() ? ns : PidNamespaceIndex(0);
}

std::size_t level_of(const World& world, PidNamespaceIndex ns) {
  std::size_t level = 0;
  for (ns = active_ns(world, ns); ns && world[ns].parent; ns = world[ns].parent) ++level;
  return level;
}

/// Who had the number last, even if it is gone.
TaskIndex last_owner(const World& world, Pid number) {
  auto place =
      std::ranges::lower_bound(world.by_pid, number, {}, &std::pair<Pid, TaskIndex>::first);
  return place != world.by_pid.end() && place->first == number ? place->second : TaskIndex{};
}

Pid next_number(World& world, PidNamespaceIndex ns) {
  Pid& last = world[ns].last_pid;
  last = Pid(last.value() + 1 >= kPidMax ? 300 : last.value() + 1);  // RESERVED_PIDS
  return last;
}

bool number_in_use(const World& world, Pid number) {
  for (const SignalStruct& group : world.signals) {
    if (group.nr_threads == 0) continue;
    if (group.pgrp.value() == number.value() || group.session.value() == number.value())
      return true;
  }
  return false;
}

}  // namespace

bool ns_is_inside(const World& world, PidNamespaceIndex ns, PidNamespaceIndex outer) {
  outer = active_ns(world, outer);
  for (ns = active_ns(world, ns); ns; ns = world[ns].parent)
    if (ns == outer) return true;
  return ns == outer;  // neither is known: one and the same
}

Pid task_pid_nr_ns(const World& world, TaskIndex task, PidNamespaceIndex ns) {
  const Task& of = world[task];
  if (!ns_is_inside(world, of.pid_ns, ns)) return Pid(0);
  const std::size_t level = level_of(world, ns);
  if (level == 0) return of.pid;
  return level <= of.numbers.size() ? of.numbers[level - 1] : Pid(0);
}

Pid task_pid_vnr(const World& world, TaskIndex task) {
  return task_pid_nr_ns(world, task, world[task].pid_ns);
}

Pid pid_nr_ns(const World& world, Pid number, PidNamespaceIndex ns) {
  if (level_of(world, ns) == 0) return number;
  const TaskIndex owner = last_owner(world, number);
  return owner ? task_pid_nr_ns(world, owner, ns) : Pid(0);
}

Pid pid_vnr(const World& world, TaskIndex current, Pid number) {
  return pid_nr_ns(world, number, world[current].pid_ns);
}

TaskIndex find_task_by_pid_ns(const World& world, Pid pid, PidNamespaceIndex ns) {
  if (level_of(world, ns) == 0) return world.find(pid);
  for (const auto& [number, task] : world.by_pid)
    if (world[task].state != TaskState::released && task_pid_nr_ns(world, task, ns) == pid)
      return task;
  return {};
}

TaskIndex find_task_by_vpid(const World& world, TaskIndex current, std::int64_t pid) {
  return find_task_by_pid_ns(world, Pid(static_cast<int>(pid)), world[current].pid_ns);
}

Pid find_vpid(const World& world, TaskIndex current, std::int64_t pid) {
  const PidNamespaceIndex ns = world[current].pid_ns;
  if (level_of(world, ns) == 0) {
    const Pid number(static_cast<int>(pid));
    return world.find(number) || number_in_use(world, number) ? number : Pid(0);
  }
  for (const auto& [number, task] : world.by_pid)
    if (task_pid_nr_ns(world, task, ns) == Pid(static_cast<int>(pid)) &&
        (world[task].state != TaskState::released || number_in_use(world, number)))
      return number;
  return Pid(0);
}

std::vector<Pid> alloc_pid(World& world, PidNamespaceIndex ns) {
  std::vector<Pid> numbers;
  ns = active_ns(world, ns);
  if (!ns || world[ns].dying) return numbers;
  for (; ns; ns = world[ns].parent) numbers.insert(numbers.begin(), next_number(world, ns));
  return numbers;
}

}  // namespace knell::kernel
