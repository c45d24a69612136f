#pragma once

/// The parts of completions that the shells share. Only for this room's .cpp files.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "knell/report/manual.hpp"

namespace knell::report {

/// What may stand for the value of an option.
enum class Hint : std::uint8_t {
  unknown,
  values,  ///< one of Option::values
  files,
  folders,
  signals,
  users,
  groups,
  processes,
  terminals,
};
[[nodiscard]] Hint hint_of(const Option& option);

[[nodiscard]] std::string signal_names();
/// "-s", "--signal"
[[nodiscard]] std::vector<std::string> spellings(const Option& option);
/// A shell function's name for a command's.
[[nodiscard]] std::string identifier(std::string_view name);
/// The words of a command behind its program's name: "knell android kill" -> android, kill.
[[nodiscard]] std::vector<std::string> below(const Manual& program, const Manual& command);

[[nodiscard]] std::string bash_completions(std::span<const Manual> manuals);
[[nodiscard]] std::string zsh_completions(std::span<const Manual> manuals);
[[nodiscard]] std::string fish_completions(std::span<const Manual> manuals);

}  // namespace knell::report
