#pragma once

/// What `--help` and `--version` say, made of a command's manual.

#include <string>
#include <string_view>

#include "knell/report/manual.hpp"

namespace knell::compat {

/// Usage, summary, options and sections, in 80 columns, with a newline at its end.
[[nodiscard]] std::string help_text(const report::Manual& manual);
/// "kill (knell) 0.1.0\n"
[[nodiscard]] std::string version_text(std::string_view name);

}  // namespace knell::compat
