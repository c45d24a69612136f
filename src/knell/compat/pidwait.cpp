#include <cerrno>

#include "knell/act/descriptor_limit.hpp"
#include "knell/compat/family.hpp"
#include "knell/compat/locale.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/pgrep.hpp"
#include "knell/compat/wait.hpp"

namespace knell::compat {
namespace {

constexpr std::string_view kName = "pidwait";
constexpr int kTimedOut = 124;  // as timeout(1) has it

/// A handle to each that is still there.
std::vector<live::ProcessHandle> handles_of(const Choice& choice) {
  std::vector<live::ProcessHandle> handles;
  for (const TaskIndex task : choice.tasks) {
    auto handle = live::ProcessHandle::open(choice.machine, choice.world.id(task),
                                            choice.world.signal_of(task).pidfd);
    if (handle)
      handles.push_back(std::move(*handle));
    else if (handle.error().number != ESRCH)
      complain(kName, "opening pid " + std::to_string(choice.world[task].pid.value()) +
                          " failed: " + reason_of(handle.error().number));
  }
  return handles;
}

/// Before the waiting begins: whoever reads it wants to know what for.
bool tell(const Choice& choice, const Request& request) {
  std::string text;
  if (request.count) text = std::to_string(choice.tasks.size()) + "\n";
  if (request.echo)
    for (const TaskIndex task : choice.tasks)
      text += "waiting for " + label_of(choice.world, task, request) + " (pid " +
              std::to_string(choice.world[task].pid.value()) + ")\n";
  return print(kName, text);
}

int time_is_over(const std::vector<ProcessId>& living) {
  std::string text = "time is over, and not ended:";
  for (const ProcessId& id : living) text += " " + std::to_string(id.pid.value());
  complain(kName, text);
  return kTimedOut;
}

}  // namespace

int run_pidwait(int argc, char** argv) {
  const report::Manual manual = pidwait_manual();
  const auto request = request_of(manual, argc, argv);
  if (!request) return request.error();
  if (refuses_all(kName, *request)) return kWrongWords;
  Deadline deadline;
  if (request->timeout) deadline = std::chrono::steady_clock::now() + *request->timeout;
  auto choice = look_for(kName, *request);
  if (!choice) return choice.error();
  spare_ancestors(kName, *request, *choice);  // they end after it does
  const act::DescriptorLimit limit(choice->tasks.size());
  const std::vector<live::ProcessHandle> handles = handles_of(*choice);
  const bool told = tell(*choice, *request);
  const auto living = wait_for(handles, deadline);
  if (!living) return complain(kName, living.error().message()), kNoneMatched;
  if (!living->empty()) return time_is_over(*living);
  return told && !handles.empty() ? kMatched : kNoneMatched;
}

}  // namespace knell::compat
