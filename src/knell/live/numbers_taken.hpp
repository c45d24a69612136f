#pragma once

#include <atomic>
#include <cstdint>

namespace knell::live {

/// How many pids this program has used up itself, by threads and by programs it asked.
inline std::atomic<std::uint32_t> numbers_taken{0};

}  // namespace knell::live
