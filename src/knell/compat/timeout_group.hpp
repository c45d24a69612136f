#pragma once

/// timeout as it always was: the command, and what has stayed in its process group.

#include <string_view>

#include "knell/compat/timeout_request.hpp"

namespace knell::compat {

/// The exit status. Ends by the signal that ended the command, if the time was not up.
[[nodiscard]] int run_with_group(std::string_view program, const TimeoutRequest& request);

}  // namespace knell::compat
