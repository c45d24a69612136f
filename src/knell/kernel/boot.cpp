/// The first World, and a Kernel's beginning.

#include "knell/kernel/kernel.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {

Kernel::Kernel(World& the_world, KernelVersion the_version)
    : world(the_world), version(the_version) {
  for (const Task& task : world.tasks) {
    if (task.state == TaskState::stopped) ++stopped_tasks;
    if (task.ptrace.traced) ++traced_tasks;
  }
}

World boot() {
  World world;
  world.global_init = false;
  world.pid_namespaces.push_back({.last_pid = Pid(1)});
  const TaskIndex init = world.add_process(Pid(1), {});
  Task& task = world[init];
  task.comm = "init";
  task.state = TaskState::running;
  task.pid_ns = PidNamespaceIndex(0);
  task.cred = world.add_cred({.cap_effective = kAllCaps, .cap_permitted = kAllCaps});
  task.mm = MmIndex(0);
  world.mms.emplace_back();
  task.files = FilesIndex(0);
  world.files.emplace_back();
  world.pid_namespaces[0].child_reaper = init;
  SignalStruct& group = world.signal_of(init);
  group.unkillable = true;
  group.curr_target = init;
  world.context_of(init);
  return world;
}

}  // namespace knell::kernel
