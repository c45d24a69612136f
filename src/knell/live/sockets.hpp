#pragma once

#include <span>

#include "knell/live/proc_fs.hpp"
#include "knell/world/error.hpp"
#include "knell/world/world.hpp"

namespace knell::live {

/// All sockets of the reader's own network namespace, into World::sockets.
[[nodiscard]] Result<void> read_own_sockets(ProcReader& proc, World& world);

/// Those sockets that these processes have open, of the network namespaces they live in.
/// Preconditions: their files were read.
[[nodiscard]] Result<void> read_sockets_of(ProcReader& proc, World& world,
                                           std::span<const TaskIndex> leaders);

/// The locks whose holder is one of these processes, into World::locks. Precondition: ascending.
[[nodiscard]] Result<void> read_locks_of(ProcReader& proc, World& world,
                                         std::span<const TaskIndex> leaders);

}  // namespace knell::live
