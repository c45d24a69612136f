#include "knell/act/newcomers.hpp"

namespace knell::act {
namespace {

constexpr Pid kInit{1};

class Search {
public:
  Search(const World& now, const Family& family) : now_(now), family_(family) {
    for (TaskIndex at = now.find(family.self); at; at = parent(at)) spared_.insert(at.place());
  }

  std::vector<TaskIndex> run() && {
    const std::vector<TaskIndex> all = now_.processes();
    for (TaskIndex task : all)
      if (family_.has(now_.id(task))) take_children(task);
    for (TaskIndex task : all)
      if (may_be_taken(task) && tied(task)) take(task);
    return std::move(found_);
  }

  std::vector<TaskIndex> strays() && {
    std::vector<TaskIndex> found;
    for (TaskIndex task : now_.processes())
      if (may_be_taken(task) && now_[task].fork_no_exec && inherits(parent(task)))
        found.push_back(task);
    return found;
  }

private:
  [[nodiscard]] TaskIndex parent(TaskIndex task) const {
    const TaskIndex parent = now_[task].real_parent;
    return parent ? now_.leader(parent) : parent;
  }

  [[nodiscard]] bool may_be_taken(TaskIndex task) const {
    const Task& process = now_[task];
    const ProcessId id = now_.id(task);
    return id.pid != kInit && !process.kernel_thread && process.state != TaskState::dead &&
           !now_.is_zombie(task) && !spared_.contains(task.place()) &&
           !taken_.contains(task.place()) && !family_.has(id) && !was_left_out(id);
  }

  /// The plan knew it, and does not end it. One whose parent the reading for the plan had missed
  /// (numbers come back, so the parent's may have been passed by before it was born) was in no
  /// tree, so that nothing was decided about it.
  [[nodiscard]] bool was_left_out(ProcessId id) const {
    const TaskIndex planned = family_.before->find(id);
    return planned && (*family_.before)[planned].real_parent;
  }

  void take(TaskIndex task) {
    taken_.insert(task.place());
    found_.push_back(task);
    take_children(task);
  }

  /// All the way down, without recursion: a chain of forks may be long.
  void take_children(TaskIndex task) {
    std::vector<TaskIndex> to_visit{task};
    while (!to_visit.empty()) {
      const TaskIndex at = to_visit.back();
      to_visit.pop_back();
      for (TaskIndex child : now_.children(at)) {
        if (!may_be_taken(child)) continue;
        taken_.insert(child.place());
        found_.push_back(child);
        to_visit.push_back(child);
      }
    }
  }

  [[nodiscard]] bool inherits(TaskIndex parent) const {
    if (!parent) return true;
    const ProcessId id = now_.id(parent);
    return id.pid == kInit || family_.elders.contains(id);
  }

  [[nodiscard]] bool made_by_member(Pid number, StartTime start) const {
    const auto member = family_.members.find(number);
    if (member == family_.members.end() || start < member->second) return false;
    const ProcessId id{number, member->second};
    return family_.keeps_its_number(id) || now_.find(id);
  }

  [[nodiscard]] bool has_image(TaskIndex task) const {
    return now_[task].fork_no_exec && family_.images.contains(now_.details_of(task).image);
  }

  [[nodiscard]] bool tied(TaskIndex task) const {
    if (!inherits(parent(task))) return false;
    const SignalStruct& process = now_.signal_of(task);
    return made_by_member(Pid(process.pgrp.value()), process.start) ||
           made_by_member(Pid(process.session.value()), process.start) || has_image(task);
  }

  const World& now_;
  const Family& family_;
  std::unordered_set<std::size_t> spared_;  // knell and those above it
  std::unordered_set<std::size_t> taken_;
  std::vector<TaskIndex> found_;
};

}  // namespace

bool Family::has(ProcessId id) const {
  const auto member = members.find(id.pid);
  return member != members.end() && member->second == id.start;
}

std::unordered_set<ProcessId> elders(const World& before,
                                     const std::unordered_map<Pid, StartTime>& members) {
  std::unordered_set<ProcessId> result;
  for (const auto& [pid, start] : members) {
    TaskIndex at = before.find(ProcessId{pid, start});
    while (at && before[at].real_parent) {
      at = before.leader(before[at].real_parent);
      if (!result.insert(before.id(at)).second) break;  // the way up from here is known
    }
  }
  return result;
}

std::vector<TaskIndex> strays(const World& now, const Family& family) {
  return family.images.empty() ? std::vector<TaskIndex>() : Search(now, family).strays();
}

std::vector<TaskIndex> newcomers(const World& now, const Family& family) {
  return Search(now, family).run();
}

}  // namespace knell::act
