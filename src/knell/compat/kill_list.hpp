#pragma once

/// What kill lists: signals, and what becomes of signals to a process.

#include <string_view>

#include "knell/compat/kill_request.hpp"
#include "knell/compat/style.hpp"

namespace knell::compat {

/// -l, -L and -t; the exit status.
[[nodiscard]] int list_signals(Style style, std::string_view program, const KillRequest& request);
/// -d; the exit status.
[[nodiscard]] int show_state(Style style, std::string_view program, std::string_view process);
/// The table of -L.
[[nodiscard]] std::string signal_columns(Style style);

}  // namespace knell::compat
