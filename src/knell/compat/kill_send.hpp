#pragma once

/// kill's work: the signals, and what came of them.

#include <string_view>

#include "knell/compat/kill_request.hpp"
#include "knell/compat/style.hpp"

namespace knell::compat {

/// Sends to all that the operands mean, one failure not stopping the rest; the exit status.
///
/// With --timeout it waits for them all together, sends the next signal to whom is left, and after
/// the last waits once more as long (a second at least) to see who lives on.
[[nodiscard]] int send_signals(Style style, std::string_view program, const KillRequest& request);

}  // namespace knell::compat
