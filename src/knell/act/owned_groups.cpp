#include "knell/act/owned_groups.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>

namespace knell::act {
namespace {

using live::Cgroup;

// More named ones than these are not asked where they are: their signals are as quick.
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

}  // namespace

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
