#pragma once

/// Machines for tests of the plan, built by hand: who started what, when, and in which session.

#include "knell/plan/forecast.hpp"
#include "knell/plan/predict.hpp"
#include "knell/plan/scope.hpp"
#include "knell/world/world.hpp"

namespace knell::test {

struct Desk {
  World world;
  std::uint64_t clock = 100;
  TaskIndex init = process(1, {}, 0, 0);
  TaskIndex shell = process(50, init, 50, 50);

  Desk() { world.now = StartTime(1'000'000); }

  /// Each process is younger than the one before.
  TaskIndex process(int pid, TaskIndex parent, int pgrp, int session) {
    const TaskIndex task = world.add_process(Pid(pid), parent);
    world[task].comm = "p" + std::to_string(pid);
    world[task].known = Known::stat | Known::status;
    SignalStruct& signal = world.signal_of(task);
    signal.pgrp = Pgid(pgrp);
    signal.session = Sid(session);
    signal.start = StartTime(clock++);
    return task;
  }
  void origin(TaskIndex task, const char* cgroup, std::string environment) {
    world.details_of(task).cgroup = cgroup;
    world.details_of(task).environ = std::move(environment);
    world[task].known = world[task].known | Known::cgroup | Known::environ;
  }

  /// One that execve made, or that was forked since and has it still.
  void image(TaskIndex task, const char* image, bool forked) {
    world.details_of(task).image = image;
    world[task].fork_no_exec = forked;
  }

  plan::Scope scope(TaskIndex named) {
    plan::Scope scope = plan::scope_of(world, {named}, {init, shell});
    plan::add_descendants(world, scope);
    plan::add_tied_by_job(world, scope);
    plan::add_tied_by_origin(world, scope);
    plan::add_tied_by_image(world, scope);
    plan::add_tied_by_job(world, scope);
    return scope;
  }
};

}  // namespace knell::test
