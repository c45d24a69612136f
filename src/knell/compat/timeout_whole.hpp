#pragma once

/// timeout --whole: nothing of what the command has started outlives it (room supervise/).

#include <string_view>

#include "knell/compat/timeout_request.hpp"

namespace knell::compat {

/// The exit status.
[[nodiscard]] int run_whole(std::string_view program, const TimeoutRequest& request);

}  // namespace knell::compat
