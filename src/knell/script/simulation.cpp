#include "knell/script/simulation.hpp"

namespace knell::script {
namespace {

std::size_t expectations(const Step& step) {
  if (const auto* expect = std::get_if<ExpectStep>(&step.what)) return expect->facts.size();
  const auto* call = std::get_if<CallStep>(&step.what);
  return call != nullptr && call->result ? 1 : 0;
}

}  // namespace

Simulation simulate(const Script& script, const Settings& settings) {
  Simulation simulation;
  simulation.start = start(script);
  if (settings.version) simulation.start.version = *settings.version;
  Run run = simulation.start;
  for (const Step& each : script.steps) {
    if (each.at.line > settings.until) break;
    Result<StepResult> result = step(run, each, settings.functions);
    if (!result) {
      simulation.error = std::move(result.error());
      break;
    }
    simulation.expectations += expectations(each);
    simulation.unmet += result->unmet.size();
    simulation.steps.push_back({std::move(*result), run});
  }
  return simulation;
}

}  // namespace knell::script
