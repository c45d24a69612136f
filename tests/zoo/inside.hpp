#pragma once

/// Pid 1 of the pid namespace that an animal lives in. It starts the neighbours, the animal and the
/// killer, counts who is left, and takes everybody with it when it ends.

#include <functional>

#include "zoo/fence.hpp"
#include "zoo/job.hpp"

namespace knell::zoo {

/// What is told while it happens: `stands` is called with the target once the animal stands, if
/// whoever is told is to end it.
using Stands = std::function<void(pid_t target)>;

/// In the new namespace's first process, as root of it.
[[nodiscard]] Outcome keep_inside(const Job& job, const Fence& fence, const Stands& stands);

}  // namespace knell::zoo
