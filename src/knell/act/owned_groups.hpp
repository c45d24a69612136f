#pragma once

/// Groups that are all theirs, so that a signal to the whole of one is exact; any other is left as
/// it is. Control groups: whoever lives in one, or in a group inside of it, is to be ended. Process
/// groups: those of a session of which this holds.

#include <vector>

#include "knell/act/herd.hpp"
#include "knell/live/cgroup.hpp"
#include "knell/live/machine.hpp"

namespace knell::act {

struct OwnedGroups {
  std::vector<live::Cgroup> v2;       ///< the outermost of each named process
  std::vector<live::Cgroup> freezer;  ///< likewise, of the v1 freezer
};

/// Looks at the groups of those that a target named. What cannot be read is not owned. A process
/// that is moved there by others at this very moment is not seen.
[[nodiscard]] OwnedGroups owned_groups(const live::Machine& machine, const Herd& herd);

/// Of the process groups of several in sessions that are all theirs: the places of those who made
/// the groups.
/// Such a session was made by one of them, who is still held by his handle, and nobody else is in
/// it. As one gets into a session only by making it or by being born in it, and into a group only
/// from its session (setsid(2), setpgid(2)), that stays so.
[[nodiscard]] std::vector<std::size_t> owned_process_groups(const World& world, const Herd& herd);

}  // namespace knell::act
