#pragma once

/// The state of a World that a scenario made.

#include "knell/report/page.hpp"
#include "knell/report/sim_traits.hpp"

namespace knell::report {

/// Every task that is not gone, threads under their process, and what they share; only what is not
/// as usual.
void world(Page& page, const script::Run& run);

}  // namespace knell::report
