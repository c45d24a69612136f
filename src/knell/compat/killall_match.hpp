#pragma once

/// Who of a World killall means.

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "knell/compat/killall_words.hpp"
#include "knell/live/machine.hpp"
#include "knell/world/world.hpp"

namespace knell::compat {

/// A process that is meant.
struct Meant {
  TaskIndex task;
  std::optional<std::size_t> name;  ///< which of the names; none: none was asked for
  std::string called;               ///< its name, whole where it is known
};

struct KillallChoice {
  live::Machine machine;
  World world;
  std::vector<Meant> meant;  ///< ascending
};

/// Reads what the request needs, and matches. None: the exit status, and why has been said.
[[nodiscard]] std::expected<KillallChoice, int> who_is_meant(const KillallRequest& request);

}  // namespace knell::compat
