#pragma once

/// Worlds for tests, built by hand.

#include "knell/kernel/kernel.hpp"
#include "knell/world/world.hpp"

namespace knell::test {

/// pid 1, a shell below it that leads its own session, and whatever a test adds.
struct SmallWorld {
  World world;
  TaskIndex init = process(1, {}, 0, 0);
  TaskIndex shell = process(100, init, 100, 100);

  SmallWorld() { world.signal_of(init).unkillable = true; }

  TaskIndex process(int pid, TaskIndex parent, int pgrp, int session) {
    const TaskIndex task = world.add_process(Pid(pid), parent);
    world[task].known = Known::stat | Known::status;
    world[task].cred = world.add_cred({});
    world.signal_of(task).pgrp = Pgid(pgrp);
    world.signal_of(task).session = Sid(session);
    return task;
  }
  /// A job of the shell's: a process group of its own.
  TaskIndex job(int pid) { return process(pid, shell, pid, 100); }

  Cred user(unsigned uid) {
    Cred cred;
    cred.uid = cred.euid = cred.suid = cred.fsuid = Uid(uid);
    return cred;
  }
  void belongs_to(TaskIndex task, unsigned uid) { world[task].cred = world.add_cred(user(uid)); }
};

inline bool gone(const World& world, TaskIndex task) {
  return world[task].state == TaskState::released;
}

inline bool happened(const kernel::Kernel& kernel, Event::Kind kind, TaskIndex task) {
  for (const Event& event : kernel.log)
    if (event.kind == kind && event.task == task) return true;
  return false;
}

}  // namespace knell::test
