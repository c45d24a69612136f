#pragma once

/// The machine as the commands see it: read once, and chosen from.

#include <string>
#include <vector>

#include "knell/compat/criteria.hpp"
#include "knell/live/machine.hpp"
#include "knell/world/error.hpp"
#include "knell/world/world.hpp"

namespace knell::compat {

struct Choice {
  live::Machine machine;
  World world;
  std::vector<TaskIndex> tasks;  ///< who was chosen, ascending
};

/// Reads no more than the criteria need.
[[nodiscard]] Result<Choice> look(const Criteria& criteria);

/// The caller's ancestors and process 1.
[[nodiscard]] std::vector<TaskIndex> kept_processes(const World& world);
/// Takes those out of `tasks`, and returns them.
[[nodiscard]] std::vector<TaskIndex> spare(const World& world, std::vector<TaskIndex>& tasks);
/// What is said of them: "spared 812 (bash) …".
[[nodiscard]] std::string spared_text(const World& world, const std::vector<TaskIndex>& spared);

}  // namespace knell::compat
