#pragma once

/// What the targets name, without what is never ended by accident.

#include <set>
#include <vector>

#include "knell/plan/forecast.hpp"
#include "knell/plan/survey.hpp"
#include "knell/plan/verdict.hpp"
#include "knell/select/selection.hpp"

namespace knell::plan {

struct Named {
  std::vector<TaskIndex> tasks;
  std::vector<Spared> spared;
  std::set<TaskIndex> protected_;
};

/// Takes the protected ones out of what was matched. With `force` a process that was named by its
/// number stays in, unless it is knell itself, which could not finish.
[[nodiscard]] Named set_apart(const World& world, const Request& request,
                              const select::Selection& selection, TaskIndex knell);

/// Looks at the machine again when all is over: processes that were not there when the plan was
/// made and that its targets name as well. Something starts them again, or they come from what was
/// ended in a way that nothing shows; they were not signalled, but what is named is not gone. Adds
/// each to the outcome, as a survivor. A pid names one process for good, so it is not asked again.
[[nodiscard]] Result<void> add_named_meanwhile(const live::Machine& machine, const Request& request,
                                               const Forecast& forecast, Outcome& outcome);

}  // namespace knell::plan
