#pragma once

/// The zoo shown to a person: one animal after the other, and what knell makes of it.

#include <string>
#include <vector>

#include "zoo/job.hpp"

namespace knell::zoo {

/// Whether what came is what must: all are gone and knell says so, or only what no signal can end
/// is left and knell says that; and nobody else was hit.
[[nodiscard]] bool is_as_it_must(const Animal& animal, const Outcome& outcome);

/// Does the jobs in turn, in lines of at most 80 columns, and sums up. `left_out` are those that
/// are only shown when they are asked for. The exit status: 0 if some could be shown and all of
/// them are as they must be, 1 if none could be, 3 if one is not, 130 if it was interrupted.
[[nodiscard]] int demonstrate(const std::vector<Job>& jobs,
                              const std::vector<const Animal*>& left_out);

}  // namespace knell::zoo
