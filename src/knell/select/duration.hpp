#pragma once

/// Spans of time as people write them; parse_duration() is in selection.hpp.

#include <chrono>
#include <string>

namespace knell::select {

/// The shortest whole way to write it for parse_duration(): "10m", "90s", "1500ms".
[[nodiscard]] std::string duration_word(std::chrono::milliseconds duration);

}  // namespace knell::select
