#pragma once

/// From a scenario's value to its text: parse(print(script)) is the script again.

#include <string>

#include "knell/script/script.hpp"

namespace knell::script {

[[nodiscard]] std::string print(const Script& script);
/// One line without its newline and without the remarks above it.
[[nodiscard]] std::string print(const Step& step);
/// "kill -job TERM": a call step without its actor, name and result.
[[nodiscard]] std::string print(const CallStep& step);
[[nodiscard]] std::string print(const Expected& expected);
[[nodiscard]] std::string print(const Fact& fact);

}  // namespace knell::script
