#pragma once

/// Worlds by hand, and answers to go with them.

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "knell/select/selection.hpp"

namespace knell::select {

using namespace std::string_literals;

inline Target target(std::string_view typed) {
  return parse_target(typed).value();  // throws where the test's own word is wrong
}

inline std::vector<Target> targets(const std::vector<std::string_view>& words) {
  std::vector<Target> all;
  for (const std::string_view word : words) all.push_back(target(word));
  return all;
}

struct Machine {
  World world;
  Filter filter;
  Answers answers;

  Machine() { world.now = StartTime(1'000'000); }

  TaskIndex process(int pid, std::string comm, TaskIndex parent = {}) {
    const TaskIndex task = world.add_process(Pid(pid), parent);
    world[task].comm = std::move(comm);
    world[task].known = Known::stat;
    world.signal_of(task).start = StartTime(1000);
    world.signal_of(task).pgrp = Pgid(pid);
    world.signal_of(task).session = Sid(pid);
    return task;
  }
  TaskIndex program(int pid, std::string comm, std::string exe, std::string cmdline) {
    const TaskIndex task = process(pid, std::move(comm));
    world.details_of(task).exe = std::move(exe);
    world.details_of(task).cmdline = std::move(cmdline);
    return task;
  }
  TaskIndex in_cgroup(int pid, std::string path) {
    const TaskIndex task = process(pid, "p");
    world.details_of(task).cgroup = std::move(path);
    return task;
  }
  void open(TaskIndex task, OpenFile file) { files(task).open.push_back(std::move(file)); }
  void map(TaskIndex task, OpenFile file) { files(task).mapped.push_back(std::move(file)); }
  void runs_as(TaskIndex task, unsigned real, unsigned effective) {
    world[task].cred = world.add_cred({.uid = Uid(real), .euid = Uid(effective)});
  }

  Result<Selection> selection(const std::vector<std::string_view>& words) const {
    return select(world, targets(words), filter, answers);
  }
  /// The pids that the words name.
  std::vector<int> pids(const std::vector<std::string_view>& words) const {
    std::vector<int> found;
    const Selection all = selection(words).value();
    for (const Match& match : all.matches) found.push_back(world[match.task].pid.value());
    return found;
  }
  /// Why the word named nothing.
  Error miss(std::string_view word) const {
    const Selection all = selection({word}).value();
    return all.misses.empty() ? Error{0, "", "it named something", ""} : all.misses.at(0).error;
  }

private:
  FilesStruct& files(TaskIndex task) {
    if (!world[task].files) {
      world[task].files = FilesIndex(world.files.size());
      world.files.emplace_back();
    }
    return world[world[task].files];
  }
};

using Pids = std::vector<int>;

}  // namespace knell::select
