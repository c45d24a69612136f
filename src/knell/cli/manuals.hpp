#pragma once

/// What each command's manual says: of knell's own as what may be typed says it, of the others as
/// the room compat does.

#include <vector>

#include "knell/report/manual.hpp"

namespace knell::cli {

/// knell and its commands, each before those below it: "knell", "knell kill", "knell compat",
/// "knell compat pgrep".
[[nodiscard]] std::vector<report::Manual> knell_manuals();
/// The commands that have a name of their own: "kill", "pgrep".
[[nodiscard]] std::vector<report::Manual> compat_manuals();

}  // namespace knell::cli
