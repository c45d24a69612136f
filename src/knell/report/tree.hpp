#pragma once

/// The processes of a plan as a tree.

#include "knell/plan/forecast.hpp"
#include "knell/report/page.hpp"
#include "knell/report/plan_words.hpp"

namespace knell::report {

/// One line a process, folded unless the style is verbose. If all meet the same end, one line
/// before the tree says so for all. `effects` has effect_text() of each process.
void tree(Page& page, const plan::Forecast& forecast, const std::vector<Text>& effects,
          const Names& names);

}  // namespace knell::report
