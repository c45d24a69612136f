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

/// A status word of wait(2): "killed TERM", "killed SEGV core", "exited 3", "stopped TSTP",
/// "continued".
[[nodiscard]] std::string status_text(int status);
/// "TERM INT", "none", "all", "all but KILL STOP".
[[nodiscard]] std::string set_text(SigSet set);

}  // namespace knell::script
