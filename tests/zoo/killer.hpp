#pragma once

/// What people end processes with, as commands.

#include <optional>
#include <string>
#include <vector>

#include "zoo/job.hpp"

namespace knell::zoo {

/// In the order of the table.
[[nodiscard]] const std::vector<Killer>& killers();
[[nodiscard]] std::string name_of(Killer killer);
[[nodiscard]] std::optional<Killer> find_killer(const std::string& name);
/// Whether it is a command that the animal is started by.
[[nodiscard]] bool starts_what_it_ends(Killer killer);

/// The command that ends `target`; `group` is its control group, if it has one of its own. Empty
/// for nobody, and for those that start what they end.
[[nodiscard]] std::vector<std::string> command_of(const Job& job, pid_t target,
                                                  const std::string& group);
/// The command that starts the animal in the process it replaces.
[[nodiscard]] std::vector<std::string> starting_command(const Job& job, const Life::Terms& terms);

}  // namespace knell::zoo
