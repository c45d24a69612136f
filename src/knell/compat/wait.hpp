#pragma once

/// Waiting until processes have ended.

#include <chrono>
#include <optional>
#include <vector>

#include "knell/live/process_handle.hpp"

namespace knell::compat {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;  ///< none: for ever

/// Waits until all have ended, as zombies or altogether; those that have not by the deadline are
/// returned. Error: of poll(2).
[[nodiscard]] Result<std::vector<ProcessId>> wait_for(
    const std::vector<live::ProcessHandle>& processes, Deadline deadline);

}  // namespace knell::compat
