#pragma once

/// What a command says.

#include <string_view>

namespace knell::compat {

/// To standard output, whole and at once. False if that failed; then it has been complained of.
[[nodiscard]] bool print(std::string_view program, std::string_view text);
/// To standard error, as it is.
void tell(std::string_view text);
/// "kill: TEXT" and a newline, to standard error.
void complain(std::string_view program, std::string_view text);

}  // namespace knell::compat
