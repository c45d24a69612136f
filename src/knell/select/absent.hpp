#pragma once

/// The words for a target that named nothing: an ESRCH whose object is the whole sentence.

#include <span>
#include <string>

#include "knell/select/target.hpp"
#include "knell/world/error.hpp"
#include "knell/world/world.hpp"

namespace knell::select {

[[nodiscard]] Error absent(std::string sentence, std::string hint = {});

/// No process is what the target asks for. Looks for names that are nearly the one typed.
[[nodiscard]] Error nothing_named(const World& world, std::span<const TaskIndex> processes,
                                  const Target& target, bool full);

/// The number is that of a thread beside its process's leader.
[[nodiscard]] Error is_a_thread(const World& world, TaskIndex thread);

/// Somebody serves the port, and is not among the processes whose descriptors were seen.
[[nodiscard]] Error port_without_process(const Target& target);

}  // namespace knell::select
