#pragma once

/// From a World and a list of processes to what the steps do to them.

#include "knell/plan/forecast.hpp"

namespace knell::plan {

/// Runs `forecast.steps` on a copy of `forecast.before`, sent by `sender` to `forecast.processes`,
/// and fills in their steps, `after`, `events`, `orphans` and `consequences`.
void predict(Forecast& forecast, TaskIndex sender);

/// Fills in what the end of the planned processes gives back: memory, descriptors, ports, locks;
/// and the connections it breaks. `PortFreed::kept_by` is left to who can ask the machine.
void give_back(Forecast& forecast);

/// Fills in what will start the planned processes again.
void find_restarters(Forecast& forecast);

/// Marks as subreapers the processes that have adopted children (SignalStruct::child_subreaper);
/// /proc does not show the flag itself.
void deduce_subreapers(World& world);

/// The whole name: the executable's or argv[0]'s where `comm` is only the beginning of it.
[[nodiscard]] std::string whole_name(const World& world, TaskIndex task);

}  // namespace knell::plan
