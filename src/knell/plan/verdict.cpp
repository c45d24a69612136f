#include "knell/plan/verdict.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace knell::plan {
namespace {

std::string effect_text(const StepForecast& step) {
  const std::string signal = step.step.signal.name();
  switch (step.effect) {
    case Effect::dies:
      return "dies of " + signal;
    case Effect::handler:
      return "its handler for " + signal + " decides";
    case Effect::blocked:
      return "blocks " + signal;
    case Effect::ignored:
      return "ignores " + signal;
    case Effect::no_effect:
      return signal + " does nothing to it";
    case Effect::stops:
      return "stops";
    case Effect::continues:
      return "continues";
    case Effect::already_ended:
      return "ended already";
    case Effect::not_permitted:
      return "may not be signalled";
    case Effect::immune:
      return "immune to " + signal;
    case Effect::tracer:
      return "its tracer decides";
    case Effect::waits:
      return "cannot take " + signal + " yet";
  }
  return {};
}

bool lives(const ProcessOutcome& process) {
  return process.fate == Fate::survived || process.fate == Fate::not_permitted;
}

std::string came_text(const ProcessOutcome& process) {
  if (lives(process)) return process.why.empty() ? "it lives" : "it lives: " + process.why;
  return process.status ? process.status->text() : "it ended";
}

/// The step that was foretold to end it, or none.
const StepForecast* foretold_end(const ProcessForecast& process) {
  return process.ends && !process.steps.empty() ? &process.steps.back() : nullptr;
}

/// The step during which it really ended: the last signal sent to it.
const StepForecast* last_step(const ProcessForecast& process, const ProcessOutcome& outcome) {
  for (const StepForecast& step : process.steps)
    if (outcome.last_signal && step.step.signal == *outcome.last_signal) return &step;
  return nullptr;
}

/// Where the plan was certain and reality differed. A handler, a tracer or a program that unblocks
/// a signal was never foretold, so nothing they do is unforeseen.
std::optional<std::string> contradiction(const ProcessForecast& foretold,
                                         const ProcessOutcome& outcome) {
  if (outcome.fate == Fate::unknown || outcome.fate == Fate::already_ended) return {};
  const StepForecast* end = foretold_end(foretold);
  if (lives(outcome)) {
    const bool tried = end != nullptr && outcome.last_signal == end->step.signal;
    return tried ? std::optional(effect_text(*end)) : std::nullopt;
  }
  const StepForecast* step = last_step(foretold, outcome);
  if (step == nullptr) return {};
  if (step->effect == Effect::ignored || step->effect == Effect::not_permitted ||
      step->effect == Effect::immune)
    return effect_text(*step);
  // It was to die of a signal, but chose its own end or met another's.
  const bool as_told =
      outcome.status && outcome.status->by_signal() &&
      (outcome.status->signal() == step->step.signal || outcome.status->signal() == foretold.or_of);
  const bool of_another = outcome.status && !as_told;
  if (step->effect == Effect::dies && of_another) return effect_text(*step);
  return {};
}

Exit exit_of(const Outcome& outcome) {
  const auto any = [&](Fate fate) {
    return std::ranges::find(outcome.processes, fate, &ProcessOutcome::fate) !=
           outcome.processes.end();
  };
  if (any(Fate::not_permitted)) return Exit::not_permitted;
  return any(Fate::survived) || outcome.may_have_missed ? Exit::survived : Exit::gone;
}

}  // namespace

Verdict judge(const Forecast& forecast, Outcome outcome) {
  Verdict verdict;
  std::map<ProcessId, const ProcessForecast*> foretold;
  for (const ProcessForecast& process : forecast.processes) foretold[process.id] = &process;
  for (std::size_t place = 0; place < outcome.processes.size(); ++place) {
    const ProcessOutcome& process = outcome.processes[place];
    if (lives(process)) verdict.survivors.push_back(place);
    const auto plan = foretold.find(process.id);
    if (plan == foretold.end()) {
      if (process.role == Role::born)
        verdict.unforeseen.push_back(
            {process.id, process.name, "did not exist", came_text(process)});
    } else if (auto said = contradiction(*plan->second, process)) {
      verdict.unforeseen.push_back({process.id, process.name, *said, came_text(process)});
    }
  }
  verdict.exit = exit_of(outcome);
  verdict.outcome = std::move(outcome);
  return verdict;
}

}  // namespace knell::plan
