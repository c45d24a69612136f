#pragma once

/// Control groups that are all theirs: whoever lives in one, or in a group inside of it, is to be
/// ended. Such a group can be killed, or thawed, as a whole; any other is left as it is.

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

}  // namespace knell::act
