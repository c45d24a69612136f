#pragma once

#include <chrono>
#include <functional>

namespace knell::test {

/// Waits for a condition instead of for a time: true as soon as it holds, false if it still does
/// not after `longest`, which no healthy run comes near.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::seconds longest = std::chrono::seconds(20));

}  // namespace knell::test
