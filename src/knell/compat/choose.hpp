#pragma once

/// Who of a World meets the criteria.

#include <vector>

#include "knell/compat/criteria.hpp"
#include "knell/world/world.hpp"

namespace knell::compat {

/// Of the process `self`, and of its threads, nobody is chosen. In ascending order, a process's
/// threads behind it. `answers` are those to questions_of(criteria).
[[nodiscard]] std::vector<TaskIndex> choose(const World& world, const Criteria& criteria,
                                            const Answers& answers, Pid self);

/// The parent of `self`, its parent, and so on.
[[nodiscard]] std::vector<TaskIndex> ancestors(const World& world, Pid self);

}  // namespace knell::compat
