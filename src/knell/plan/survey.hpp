#pragma once

/// From what was typed to a Forecast, on the real machine: the one way every command goes.
///
/// words ─select─▶ named ─scope─▶ whole ─live─▶ deep World ─kernel─▶ Forecast

#include <span>
#include <vector>

#include "knell/live/machine.hpp"
#include "knell/plan/forecast.hpp"
#include "knell/select/selection.hpp"

namespace knell::plan {

struct Request {
  std::vector<select::Target> targets;
  select::Filter filter;
  std::vector<Step> steps;
  bool only = false;          ///< no descendants
  bool leaves_first = false;  ///< signals go to children before their parents
  bool force = false;         ///< also knell's ancestors and pid 1, where a pid named them
  bool quick = false;         ///< read as little as sending takes; with `only` and pids nothing but
                              ///< these, so that not even who is orphaned will be known
  bool details = true;        ///< files, memory, ports, restarters: what only a reader needs
  bool all_details = false;   ///< details even beyond kDetailLimit
};

struct Survey {
  Forecast forecast;
  select::Selection selection;  ///< its matches are places in forecast.before
};

[[nodiscard]] Result<Survey> survey(const live::Machine& machine, const Request& request);

}  // namespace knell::plan
