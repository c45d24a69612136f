#include "knell/compat/family.hpp"

#include <algorithm>

#include "knell/compat/output.hpp"
#include "knell/compat/printed.hpp"
#include "knell/compat/style.hpp"

namespace knell::compat {
namespace {

/// The command lines of those who are to be shown by them, where matching did not need them.
Result<void> read_lines(const Request& request, Choice& choice) {
  const bool read = request.criteria.full && request.criteria.pattern;
  if (!request.lines || read) return {};
  KNELL_TRY(choice.machine.deepen(choice.world, choice.tasks, Known::cmdline));
  std::erase_if(choice.tasks, [&](TaskIndex task) {
    return choice.world[choice.world.leader(task)].state == TaskState::released;
  });
  return {};
}

/// Whether it is a name, and longer than any can be: one with '|' or '[' may match what is shorter.
bool too_long(const Request& request) {
  const std::string& typed = request.typed;
  return !request.criteria.full && typed.size() > kCommLength &&
         typed.find_first_of("|[") == std::string::npos;
}

}  // namespace

std::expected<Choice, int> look_for(std::string_view program, const Request& request) {
  Result<Choice> choice = look(request.criteria);
  Result<void> lines;
  if (choice) lines = read_lines(request, *choice);
  if (!choice || !lines) {
    complain(program, (choice ? lines.error() : choice.error()).message());
    return std::unexpected(kFatal);
  }
  if (choice->tasks.empty() && too_long(request))
    complain(program,
             "pattern that searches for process name longer than 15 characters will result in zero "
             "matches\nTry `" +
                 std::string(program) + " -f' option to match against the complete command line.");
  return std::move(*choice);
}

bool refuses_all(std::string_view program, const Request& request) {
  if (!request.criteria.pattern || !request.typed.empty() || style() == Style::procps) return false;
  complain(program, "the pattern is empty, and would match every process; . matches every name");
  return true;
}

void spare_ancestors(std::string_view program, const Request& request, Choice& choice) {
  const bool meant = request.ancestors || !request.criteria.pids.empty();
  if (meant || style() == Style::procps) return;
  const std::vector<TaskIndex> spared = spare(choice.world, choice.tasks);
  if (!spared.empty()) complain(program, spared_text(choice.world, spared));
}

void leave_out_stale(std::string_view program, const Request& request, Choice& choice) {
  if (request.pid_file.empty() || style() == Style::procps) return;
  const Answers answers = choice.machine.answer({.pidfiles = {request.pid_file}});
  const auto& file = answers.pidfiles.at(request.pid_file);
  if (!file) return;
  std::erase_if(choice.tasks, [&](TaskIndex task) {
    const bool stale = is_stale(*file, choice.world.signal_of(task).start);
    if (stale)
      complain(program, request.pid_file + " is stale: process " +
                            std::to_string(choice.world[task].pid.value()) +
                            " started after it was written");
    return stale;
  });
}

std::string label_of(const World& world, TaskIndex task, const Request& request) {
  if (!request.lines) return request.quotes ? quoted(name_of(world, task)) : name_of(world, task);
  const std::string& cmdline = world.details_of(task).cmdline;
  if (!request.quotes) return command_line_of(world, task);
  return cmdline.empty() ? quoted(command_line_of(world, task)) : quoted_arguments(cmdline);
}

}  // namespace knell::compat
