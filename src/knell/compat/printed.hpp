#pragma once

/// Names and command lines of processes, as procps shows them and matches them.

#include <string>
#include <string_view>

#include "knell/world/world.hpp"

namespace knell::compat {

/// Bytes from outside without what a terminal would obey. In a UTF-8 locale each control character
/// becomes '?'; elsewhere, and from the first byte on that is no UTF-8, control characters become
/// '.', and what is not ASCII '?'.
[[nodiscard]] std::string printed(std::string_view bytes);

/// A task's name, printed.
[[nodiscard]] std::string name_of(const World& world, TaskIndex task);
/// Its arguments with a blank between them, printed; "[NAME]" of one that has none, with
/// " <defunct>" behind it where it is a zombie. Needs Known::cmdline.
[[nodiscard]] std::string command_line_of(const World& world, TaskIndex task);

/// As a shell reads it as one word; what needs no quotes gets none.
[[nodiscard]] std::string quoted(std::string_view word);
/// The arguments of a command line (Details::cmdline), each quoted.
[[nodiscard]] std::string quoted_arguments(std::string_view cmdline);

}  // namespace knell::compat
