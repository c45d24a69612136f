#pragma once

/// For a caller that had children before: execve(2) keeps them, as in `sh -c 'helper & exec …'`.

#include <chrono>
#include <optional>

#include "knell/supervise/inherited.hpp"
#include "knell/world/error.hpp"
#include "knell/world/wait_status.hpp"

namespace knell::supervise {

/// Whether the caller has children, also such as have ended but were not waited for.
[[nodiscard]] bool has_children();

/// A subreaper cannot tell whose orphans come to it, so the supervisor must be one that never had a
/// child. Forks: none in the child, which may call run(), and has all signals blocked; in the
/// parent, once that child has ended, its status.
///
/// Meanwhile the parent does to the child what run() does to the command: signals are passed on,
/// and it stops when the child does, for `timeout` of it at most. If the parent is killed, so is
/// the child.
[[nodiscard]] Result<std::optional<WaitStatus>> relay(
    const Inherited& inherited, std::optional<std::chrono::milliseconds> timeout);

}  // namespace knell::supervise
