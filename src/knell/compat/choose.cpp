#include "knell/compat/choose.hpp"

#include <algorithm>
#include <string_view>

#include "knell/compat/printed.hpp"
#include "knell/live/text.hpp"

namespace knell::compat {
namespace {

using Numbers = Criteria::Numbers;
using Texts = Criteria::Texts;

bool among(const Numbers& numbers, std::int64_t number) {
  return numbers.empty() || std::ranges::find(numbers, number) != numbers.end();
}

std::int64_t parent_of(const World& world, TaskIndex leader) {
  const TaskIndex parent = world[leader].real_parent;
  return parent ? world[parent].pid.value() : 0;
}

StartTime start_of(const World& world, TaskIndex task) {
  const TaskIndex leader = world.leader(task);
  for (const ThreadStart& thread : world.details_of(leader).thread_starts)
    if (task != leader && thread.pid == world[task].pid) return thread.start;
  return world.signal_of(task).start;
}

/// In whole seconds.
std::int64_t age_of(const World& world, TaskIndex task) {
  const std::uint64_t start = start_of(world, task).value();
  const std::uint64_t now = std::max(world.now.value(), start);
  return static_cast<std::int64_t>((now - start) / world.ticks_per_second);
}

bool has_variable(std::string_view environment, std::string_view wanted) {
  while (!environment.empty()) {
    std::string_view variable = live::take(environment, '\0');
    if (!wanted.contains('=')) variable = variable.substr(0, variable.find('='));
    if (variable == wanted) return true;
  }
  return false;
}

NamespaceId space_of(const Namespaces& namespaces, Space space) {
  switch (space) {
    case Space::ipc:
      return namespaces.ipc;
    case Space::mnt:
      return namespaces.mnt;
    case Space::net:
      return namespaces.net;
    case Space::pid:
      return namespaces.pid;
    case Space::user:
      return namespaces.user;
    case Space::uts:
      return namespaces.uts;
  }
  return {};
}

/// One look at a World with the criteria in mind.
class Chooser {
public:
  Chooser(const World& world, const Criteria& criteria, const Answers& answers)
      : world_(world), criteria_(criteria), answers_(answers) {}

  [[nodiscard]] bool meets(TaskIndex task) const {
    return has_numbers(task) && has_owner(task) && has_places(task) && has_times(task) &&
           has_pattern(task);
  }

private:
  [[nodiscard]] bool has_numbers(TaskIndex task) const;
  [[nodiscard]] bool has_owner(TaskIndex task) const;
  [[nodiscard]] bool has_places(TaskIndex task) const;
  [[nodiscard]] bool has_times(TaskIndex task) const;
  [[nodiscard]] bool has_pattern(TaskIndex task) const;
  [[nodiscard]] bool has_terminal(std::uint32_t device) const;
  [[nodiscard]] bool has_namespaces(const Details& details) const;

  const World& world_;
  const Criteria& criteria_;
  const Answers& answers_;
};

bool Chooser::has_numbers(TaskIndex task) const {
  const SignalStruct& group = world_.signal_of(task);
  return among(criteria_.pids, world_[group.leader].pid.value()) &&
         among(criteria_.parents, parent_of(world_, group.leader)) &&
         among(criteria_.groups, group.pgrp.value()) &&
         among(criteria_.sessions, group.session.value());
}

bool Chooser::has_owner(TaskIndex task) const {
  const bool asked = !criteria_.euids.empty() || !criteria_.uids.empty() || !criteria_.gids.empty();
  if (!asked) return true;
  if (!world_[task].cred) return false;
  const Cred& cred = world_[world_[task].cred];
  return among(criteria_.euids, cred.euid.value()) && among(criteria_.uids, cred.uid.value()) &&
         among(criteria_.gids, cred.gid.value());
}

bool Chooser::has_terminal(std::uint32_t device) const {
  return std::ranges::any_of(criteria_.terminals, [&](const std::string& name) {
    if (name == "?") return device == 0;
    const auto answer = answers_.terminals.find(name);
    return answer != answers_.terminals.end() && answer->second && *answer->second == device;
  });
}

bool Chooser::has_namespaces(const Details& details) const {
  const TaskIndex like = world_.find(criteria_.like);
  return like && std::ranges::all_of(criteria_.spaces, [&](Space space) {
           const NamespaceId own = space_of(details.namespaces, space);
           return own != NamespaceId{} &&
                  own == space_of(world_.details_of(like).namespaces, space);
         });
}

bool Chooser::has_places(TaskIndex task) const {
  const Details& details = world_.details_of(task);
  const auto any = [](const Texts& texts, const auto& fits) {
    return texts.empty() || std::ranges::any_of(texts, fits);
  };
  return (criteria_.terminals.empty() || has_terminal(world_.signal_of(task).tty)) &&
         (criteria_.like == Pid{} || has_namespaces(details)) &&
         any(criteria_.cgroups, [&](const auto& path) { return path == details.cgroup; }) &&
         any(criteria_.environment,
             [&](const auto& wanted) { return has_variable(details.environ, wanted); });
}

bool Chooser::has_times(TaskIndex task) const {
  const Task& about = world_[task];
  if (criteria_.states && !criteria_.states->contains(static_cast<char>(about.state))) return false;
  if (criteria_.handled && !world_[about.sighand].caught.has(*criteria_.handled)) return false;
  return !criteria_.older || age_of(world_, task) >= *criteria_.older;
}

bool Chooser::has_pattern(TaskIndex task) const {
  if (!criteria_.pattern) return true;
  return criteria_.pattern->matches(criteria_.full ? command_line_of(world_, task)
                                                   : name_of(world_, task));
}

/// Of those that began at the same time the one with the higher number is the newer.
void keep_one(const World& world, std::vector<TaskIndex>& chosen, Criteria::Some some) {
  if (some == Criteria::Some::all || chosen.empty()) return;
  const auto birth = [&](TaskIndex task) {
    return std::pair(start_of(world, task), world[task].pid);
  };
  const auto one = some == Criteria::Some::newest ? std::ranges::max_element(chosen, {}, birth)
                                                  : std::ranges::min_element(chosen, {}, birth);
  chosen = {*one};
}

}  // namespace

std::vector<TaskIndex> ancestors(const World& world, Pid self) {
  std::vector<TaskIndex> found;
  const TaskIndex own = world.find(self);
  if (!own) return found;
  // A number that went to another while all were read can make it look like a circle.
  for (TaskIndex at = world[own].real_parent; at && std::ranges::find(found, at) == found.end();
       at = world[at].real_parent)
    found.push_back(at);
  return found;
}

std::vector<TaskIndex> choose(const World& world, const Criteria& criteria, const Answers& answers,
                              Pid self) {
  const Chooser chooser(world, criteria, answers);
  std::vector<TaskIndex> passed_over;
  if (criteria.strangers) passed_over = ancestors(world, self);
  std::vector<TaskIndex> chosen;
  const auto consider = [&](TaskIndex task) {
    if (chooser.meets(task) != criteria.inverse) chosen.push_back(task);
  };
  for (const TaskIndex leader : world.processes()) {
    if (world[leader].pid == self) continue;
    if (std::ranges::find(passed_over, leader) != passed_over.end()) continue;
    consider(leader);
    if (!criteria.threads) continue;
    for (TaskIndex at = world[leader].next_thread; at; at = world[at].next_thread) consider(at);
  }
  keep_one(world, chosen, criteria.some);
  return chosen;
}

}  // namespace knell::compat
