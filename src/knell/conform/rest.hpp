#pragma once

/// Being at rest: a moment at which every thread of a scenario is asleep, stopped or has ended, so
/// that nobody is left who could wake anybody.

#include <chrono>

#include "knell/conform/company.hpp"
#include "knell/conform/launch.hpp"

namespace knell::conform {

/// Waits for such a moment. Afterwards each player's `look` tells of it; those who are gone have
/// left. `actor` is who was given a call, if anybody was. Error: ETIMEDOUT, and who is not at rest.
[[nodiscard]] Result<void> come_to_rest(Company& company, const Init& init, Pid actor,
                                        std::chrono::milliseconds limit);

}  // namespace knell::conform
