#pragma once

#include "knell/report/page.hpp"
#include "knell/report/plan_words.hpp"

namespace knell::report {

/// What a plan does beyond its processes: first what it harms, then what it gives back, then what
/// it leaves alone and what could not be seen.
void plan_sections(Page& page, const plan::Forecast& forecast, const Names& names);

}  // namespace knell::report
