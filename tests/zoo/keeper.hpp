#pragma once

/// Keeps an animal: in namespaces and control groups of its own, which are gone when it returns,
/// with everybody in them.

#include <functional>

#include "zoo/job.hpp"

namespace knell::zoo {

/// Mounts of this process reach nobody else from now on. Needed before the first `keep` as root.
[[nodiscard]] bool have_own_mounts();
/// Whether SIGINT or SIGTERM has come: from the first `keep` on they end the animal, and this
/// process only once it has taken everything down.
[[nodiscard]] bool interrupted();

/// Does the job. Where there is no killer, `stands` is called once the animal stands, with the pid
/// that its target has for the caller.
[[nodiscard]] Outcome keep(const Job& job, const std::function<void(pid_t target)>& stands = {});

}  // namespace knell::zoo
