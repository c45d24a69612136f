#pragma once

/// Descendants born after the plan was made, found in a later World.

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "knell/world/ids.hpp"
#include "knell/world/world.hpp"

namespace knell::act {

/// What is known of a family when its newcomers are looked for.
struct Family {
  const World* before = nullptr;               ///< the machine that was planned on
  std::unordered_map<Pid, StartTime> members;  ///< planned, or found in an earlier search
  std::unordered_set<ProcessId> elders;        ///< see elders()
  Pid self;                                    ///< knell
  std::unordered_set<std::string> images;      ///< Details::image of members that called execve
  /// Whether the number of this member still stands for it: the kernel gives it to nobody else
  /// while the member is not waited for, or its process group or session has members.
  std::function<bool(ProcessId)> keeps_its_number;

  [[nodiscard]] bool has(ProcessId id) const;
};

/// Those above the members in `before`, up to the first process: who may inherit their children.
[[nodiscard]] std::unordered_set<ProcessId> elders(
    const World& before, const std::unordered_map<Pid, StartTime>& members);

/// Living processes of `now` that were not there before and surely come from the family:
///  - a member's children, and theirs;
///  - those whose process group or session a member made, or that have not called execve and have
///    the memory image of a member that did, if their parent is one who inherits (an elder or pid
///    1) and not one who could have made them itself.
/// Never knell, its ancestors, pid 1 or kernel threads, and nothing below what was there before.
[[nodiscard]] std::vector<TaskIndex> newcomers(const World& now, const Family& family);

/// Those of whom only their image can tell whether they come from the family (Known::image).
[[nodiscard]] std::vector<TaskIndex> strays(const World& now, const Family& family);

}  // namespace knell::act
