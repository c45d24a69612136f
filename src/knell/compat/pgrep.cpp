#include "knell/compat/pgrep.hpp"

#include "knell/compat/family.hpp"
#include "knell/compat/output.hpp"

namespace knell::compat {
namespace {

/// With the delimiter between them and a newline at the end.
std::string list_of(const World& world, const std::vector<TaskIndex>& tasks,
                    const Request& request) {
  std::string text;
  for (const TaskIndex task : tasks) {
    if (!text.empty()) text += request.delimiter;
    text += std::to_string(world[task].pid.value());
    if (request.names || request.lines) text += " " + label_of(world, task, request);
  }
  return text.empty() ? text : text + "\n";
}

}  // namespace

int run_pgrep(int argc, char** argv) {
  const report::Manual manual = pgrep_manual();
  const auto request = request_of(manual, argc, argv);
  if (!request) return request.error();
  const auto choice = look_for(manual.name, *request);
  if (!choice) return choice.error();

  std::string text;
  if (request->count)
    text = std::to_string(choice->tasks.size()) + "\n";
  else if (!request->quiet)
    text = list_of(choice->world, choice->tasks, *request);
  if (!print(manual.name, text)) return kNoneMatched;
  return choice->tasks.empty() ? kNoneMatched : kMatched;
}

}  // namespace knell::compat
