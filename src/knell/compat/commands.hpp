#pragma once

/// The commands that scripts have called for forty years, by the names they are called by: the same
/// executable under another name (a link), or `knell compat NAME`.

#include <span>
#include <string_view>

#include "knell/report/manual.hpp"

namespace knell::compat {

/// The words as main() gets them, argv[0] included; the exit status. SIGPIPE is as it was
/// inherited.
using Run = int (*)(int argc, char** argv);

struct Command {
  std::string_view name;
  Run run;
  report::Manual (*manual)();
};

[[nodiscard]] std::span<const Command> commands();
/// The command that a program of this name is; null if it is none of them. Folders do not count.
[[nodiscard]] const Command* find(std::string_view name);

}  // namespace knell::compat
