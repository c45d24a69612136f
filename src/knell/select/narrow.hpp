#pragma once

/// The options that narrow what the targets named.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "knell/select/selection.hpp"

namespace knell::select {

/// In the order in which they are asked.
enum class Option : std::uint8_t { user, older, younger, parent, state, exclude };
inline constexpr std::size_t kOptions = 6;

/// A Filter with its words looked up.
struct Narrowing {
  std::vector<Uid> users;
  std::vector<bool> excluded;  ///< by the task's place; empty: none is
};

[[nodiscard]] Result<Narrowing> prepare(const World& world, std::span<const TaskIndex> processes,
                                        const Filter& filter, const Answers& answers);

/// The first option that does not let this process through; none: it stays.
[[nodiscard]] std::optional<Option> refused_by(const World& world, TaskIndex process,
                                               const Filter& filter, const Narrowing& narrowing);

/// As it was typed: "--older 10m". Precondition: the option is in use.
[[nodiscard]] std::string option_text(const Filter& filter, Option option);

}  // namespace knell::select
