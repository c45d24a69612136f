#pragma once

/// /proc/PID/smaps_rollup (proc_pid_smaps(5)) and /proc/meminfo (proc_meminfo(5)).

#include <cstdint>
#include <optional>
#include <string_view>

#include "knell/world/world.hpp"

namespace knell::live {

/// Private pages of huge pages set aside (Private_Hugetlb) are not counted: they go back to their
/// own pool, where no other memory comes from. None where there is no Rss: it has no memory.
[[nodiscard]] std::optional<MmStruct> parse_smaps_rollup(std::string_view text);

/// MemAvailable in bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_memory_available(std::string_view text);

}  // namespace knell::live
