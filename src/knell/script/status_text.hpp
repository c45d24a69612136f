#pragma once

#include <string>

namespace knell::script {

/// A status word of wait(2) as a scenario has it: "killed TERM", "killed SEGV core", "exited 3",
/// "stopped TSTP", "continued".
[[nodiscard]] std::string status_text(int status);

}  // namespace knell::script
