#include <fmt/format.h>

#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/report/json.hpp"

namespace knell::cli {

Surveyed survey_and_tell(const live::Machine& machine, const Options& options) {
  Result<plan::Survey> survey = plan::survey(machine, options.request);
  if (!survey) {
    complain(survey.error());
    const bool mistyped = survey.error().number == EINVAL;
    return {std::nullopt, mistyped ? static_cast<int>(plan::Exit::usage) : kFailed};
  }
  for (const auto& miss : survey->selection.misses) complain(miss.error);
  const bool nothing = survey->forecast.processes.empty() && survey->forecast.spared.empty();
  if (nothing && !options.json) return {std::nullopt, static_cast<int>(plan::Exit::no_match)};
  return {std::move(*survey), 0};
}

int run_plan(const Options& options) {
  const Result<live::Machine> machine = live::Machine::open();
  if (!machine) return complain(machine.error()), kFailed;
  const Surveyed surveyed = survey_and_tell(*machine, options);
  if (!surveyed.survey) return surveyed.status;
  const plan::Forecast& forecast = surveyed.survey->forecast;
  const bool nothing = forecast.processes.empty();
  if (!options.quiet) {
    const Result<void> printed =
        print(options.json ? report::json(forecast, nullptr)
                           : report::plan_text(forecast, style_of(options)));
    if (!printed) return complain(printed.error()), kFailed;
  }
  return static_cast<int>(nothing ? plan::Exit::no_match : plan::Exit::gone);
}

}  // namespace knell::cli
