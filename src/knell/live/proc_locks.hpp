#pragma once

/// /proc/locks: lock_get_status() of fs/locks.c, proc_locks(5).

#include <string_view>
#include <vector>

#include "knell/world/world.hpp"

namespace knell::live {

/// The locks that are held, in the file's order; those who wait for one ("->") are left out.
/// An open file description lock has no holder (-1 in the file): whoever has the file open has it.
[[nodiscard]] std::vector<FileLock> parse_locks(std::string_view text);

}  // namespace knell::live
