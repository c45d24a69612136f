#include <fmt/format.h>

#include "knell/act/ending.hpp"
#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/plan/named.hpp"
#include "knell/report/json.hpp"

namespace knell::cli {
namespace {

/// One line on standard error that is written over itself while a person waits.
class ProgressLine : public act::Observer {
public:
  explicit ProgressLine(report::Style style) : style_(style) {}
  ~ProgressLine() override {
    if (shown_) write_over("");
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void progress(const act::Progress& progress) override {
    write_over(report::progress_text(progress, style_));
    shown_ = true;
  }

private:
  static void write_over(const std::string& line) {
    fmt::print(stderr, "\r\x1b[K{}", line);  // to the line's start, and empty it
    std::fflush(stderr);
  }
  report::Style style_;
  bool shown_ = false;
};

bool may_go_on(const Options& options, const plan::Forecast& forecast) {
  if (options.yes || options.json || !forecast.beyond_named) return true;
  if (!stdin_and_stdout_are_terminals()) return true;
  return ask(fmt::format("End all {}, those that were not named too?", forecast.processes.size()));
}

Result<plan::Outcome> end(const live::Machine& machine, const Options& options,
                          const plan::Forecast& forecast) {
  act::Settings settings;
  settings.wait = options.wait;
  settings.only = options.request.only;
  settings.last_wait = options.request.steps.back().wait;
  if (options.quiet || options.json || !stderr_is_terminal())
    return act::end(machine, forecast, settings);
  ProgressLine line(style_of(options));
  return act::end(machine, forecast, settings, &line);
}

/// The end has come already: whatever goes wrong now must not hide what came of it.
int tell(const Options& options, const plan::Forecast& forecast, const plan::Verdict& verdict) {
  if (!options.quiet) {
    const Result<void> printed =
        print(options.json ? report::json(forecast, &verdict)
                           : "\n" + report::verdict_text(forecast, verdict, style_of(options)));
    if (!printed) complain(printed.error());
  }
  return static_cast<int>(verdict.exit);
}

}  // namespace

int run_kill(const Options& options) {
  const Result<live::Machine> machine = live::Machine::open();
  if (!machine) return complain(machine.error()), kFailed;
  const Surveyed surveyed = survey_and_tell(*machine, options);
  if (!surveyed.survey) return surveyed.status;
  const plan::Forecast& forecast = surveyed.survey->forecast;
  if (!options.quiet && !options.json) {
    // A plan that could not be shown is not acted upon.
    Result<void> printed = print(report::plan_text(forecast, style_of(options)));
    if (!printed) {
      printed.error().hint = "nothing was signalled";
      return complain(printed.error()), kFailed;
    }
  }
  if (forecast.processes.empty()) {
    if (options.json)
      if (const Result<void> printed = print(report::json(forecast, nullptr)); !printed)
        complain(printed.error());
    return static_cast<int>(plan::Exit::no_match);
  }
  if (!may_go_on(options, forecast)) {
    complain("nothing was signalled");
    return static_cast<int>(plan::Exit::survived);
  }
  Result<plan::Outcome> outcome = end(*machine, options, forecast);
  if (!outcome) return complain(outcome.error()), kFailed;
  if (outcome->waited && !outcome->interrupted) {
    const auto looked = plan::add_named_meanwhile(*machine, options.request, forecast, *outcome);
    if (!looked) complain(looked.error());
  }
  return tell(options, forecast, plan::judge(forecast, std::move(*outcome)));
}

}  // namespace knell::cli
