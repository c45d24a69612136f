#include "knell/act/owned_groups.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace knell::act {
namespace {

using live::Cgroup;

// Of more than these one signal after the other is as quick.
constexpr std::size_t kMostAsked = 64;

std::unordered_set<Pid> living(const Herd& herd) {
  std::unordered_set<Pid> pids;
  for (const Doomed& member : herd.members())
    if (member.lives()) pids.insert(member.outcome.id.pid);
  return pids;
}

/// The outermost group around the process that is theirs. The root of a hierarchy can neither be
/// killed nor frozen, and belongs to nobody.
template <class Can>
std::optional<Cgroup> outermost(const std::vector<Cgroup>& of, const std::unordered_set<Pid>& pids,
                                Can can) {
  std::optional<Cgroup> owned;
  for (Cgroup at = of.empty() ? Cgroup("") : of.front(); can(at) && holds_only(at, pids);
       at = above(at))
    owned = at;
  return owned;
}

void add(std::vector<Cgroup>& all, const std::optional<Cgroup>& group) {
  if (group && std::ranges::find(all, *group) == all.end()) all.push_back(*group);
}

/// The sessions in which all who live are theirs, made by one whom they still hold.
std::unordered_set<std::int32_t> owned_sessions(const World& world, const Herd& herd) {
  std::unordered_set<std::int32_t> inhabited;
  std::unordered_set<std::int32_t> others;
  for (const TaskIndex task : world.processes()) {
    const bool is_theirs = world.is_zombie(task) || herd.find(world.id(task)) != nullptr;
    (is_theirs ? inhabited : others).insert(world.signal_of(task).session.value());
  }
  std::unordered_set<std::int32_t> owned;
  for (const Doomed& member : herd.members()) {
    const std::int32_t number = member.outcome.id.pid.value();
    if (member.handle && inhabited.contains(number) && !others.contains(number) &&
        member.handle->keeps_its_number())
      owned.insert(number);
  }
  return owned;
}

}  // namespace

std::vector<std::size_t> owned_process_groups(const World& world, const Herd& herd) {
  const std::unordered_set<std::int32_t> sessions = owned_sessions(world, herd);
  std::unordered_map<std::int32_t, std::size_t> sizes;
  for (const Doomed& member : herd.members())
    if (const TaskIndex task = world.find(member.outcome.id))
      ++sizes[world.signal_of(task).pgrp.value()];
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < herd.members().size(); ++place) {
    const Doomed& member = herd.members()[place];
    const TaskIndex task = world.find(member.outcome.id);
    if (!task || !member.handle) continue;
    const std::int32_t group = world.signal_of(task).pgrp.value();
    const bool made_it = group == member.outcome.id.pid.value();
    const bool owned = sessions.contains(world.signal_of(task).session.value());
    if (made_it && owned && sizes[group] > 1) places.push_back(place);
  }
  if (places.size() > kMostAsked) places.clear();
  return places;
}

OwnedGroups owned_groups(const live::Machine& machine, const Herd& herd) {
  OwnedGroups owned;
  const std::unordered_set<Pid> pids = living(herd);
  std::size_t asked = 0;
  for (const Doomed& member : herd.members()) {
    if (!member.lives() || member.outcome.role != plan::Role::named) continue;
    if (++asked > kMostAsked) break;
    const Result<live::CgroupsOf> groups = machine.cgroups_of(member.outcome.id.pid);
    if (!groups) continue;
    add(owned.v2, outermost(groups->v2, pids, [](const Cgroup& at) { return at.can_kill(); }));
    add(owned.freezer,
        outermost(groups->freezer, pids, [](const Cgroup& at) { return at.can_freeze(); }));
  }
  return owned;
}

}  // namespace knell::act
