#pragma once

/// What a command line of timeout asks for.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knell/world/error.hpp"
#include "knell/world/signal.hpp"

namespace knell::compat {

using Nanoseconds = std::chrono::nanoseconds;

struct TimeoutRequest {
  std::optional<Nanoseconds> after;       ///< DURATION; none: for ever
  std::optional<Nanoseconds> kill_after;  ///< -k; none: never
  Signal signal = signals::kTerm;
  bool foreground = false;
  bool preserve_status = false;
  bool verbose = false;
  bool whole = false;
  std::vector<std::string> command;
};

/// "5", ".5s", "1.5m", "2h", "1e3d", "inf", "0x10"; 0 and what is longer than a hundred years are
/// for ever: none. An Error where it is no span of time.
[[nodiscard]] Result<std::optional<Nanoseconds>> parse_span(const std::string& word);

}  // namespace knell::compat
