#include <fmt/format.h>

#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/plan/predict.hpp"
#include "knell/select/selection.hpp"

namespace knell::cli {

/// Only reading and choosing: no scope, no forecast, nothing deep.
int run_find(const Options& options) {
  const Result<live::Machine> machine = live::Machine::open();
  if (!machine) return complain(machine.error()), kFailed;
  const auto& [targets, filter] = std::tie(options.request.targets, options.request.filter);
  const Questions questions = select::questions(targets, filter);
  const Result<World> world = machine->read(questions);
  if (!world) return complain(world.error()), kFailed;
  const auto selection = select::select(*world, targets, filter, machine->answer(questions));
  if (!selection) return complain(selection.error()), static_cast<int>(plan::Exit::usage);
  std::string lines;
  for (const select::Match& match : selection->matches)
    fmt::format_to(std::back_inserter(lines), "{} {}\n", (*world)[match.task].pid.value(),
                   report::shown(plan::whole_name(*world, match.task)));
  for (const auto& miss : selection->misses) complain(miss.error);
  for (const Unread& unread : world->unread)
    complain(Error{unread.number, "read", unread.what, {}});
  if (!options.quiet)
    if (const Result<void> printed = print(lines); !printed)
      return complain(printed.error()), kFailed;
  return static_cast<int>(selection->matches.empty() ? plan::Exit::no_match : plan::Exit::gone);
}

}  // namespace knell::cli
