#pragma once

/// From a scenario's text to its value.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "knell/script/script.hpp"
#include "knell/world/error.hpp"

namespace knell::script {

/// What was understood, and all that was not: each Error has "FILE:LINE:COLUMN: what is wrong" as
/// its object, and mostly a hint.
struct Parsed {
  Script script;
  std::vector<Error> errors;
};
[[nodiscard]] Parsed parse_all(std::string_view text, std::string_view file);

/// The script, or the first error.
[[nodiscard]] Result<Script> parse(std::string_view text, std::string_view file = "scenario");

/// One line that is a step, without knowing which names there are.
[[nodiscard]] Result<Step> parse_step(std::string_view line);

/// The line of a text (from 1) that a step stands in, without blanks around it and without the
/// comment behind it.
[[nodiscard]] std::string step_line(std::string_view text, std::uint32_t line);

}  // namespace knell::script
