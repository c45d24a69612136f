#pragma once

/// Numbers as a person reads them. (Sizes and durations are in text.hpp.)

#include <cstdint>
#include <string>
#include <string_view>

namespace knell::report {

/// "9,990". For counts: pids are names, and are written as the kernel writes them.
[[nodiscard]] std::string count_text(std::uint64_t count);
/// "1 process", "9,990 processes".
[[nodiscard]] std::string count_text(std::uint64_t count, std::string_view one,
                                     std::string_view many);

}  // namespace knell::report
