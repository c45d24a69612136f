#include "knell/act/survivor.hpp"

#include <array>

namespace knell::act {
namespace {

using live::Machine;

std::string in_sleep(const Machine::Condition& condition) {
  const std::string text = "in uninterruptible sleep (D)";
  const bool known = !condition.wchan.empty() && condition.wchan != "0";
  return known ? text + " in " + condition.wchan : text;
}

std::string held_by_tracer(const Machine::Condition& condition, const std::string& tracer) {
  std::string text = "traced by " + std::to_string(condition.tracer.value());
  if (!tracer.empty()) text += " (" + tracer + ")";
  return text;
}

/// The kernel looks at a signal only on the way to user mode (Linux: get_signal()), where these
/// do not go. "" if it is none of them. SIGKILL ends what is stopped or traced all the same.
std::string not_running(const Machine::Condition& condition, Signal last,
                        const std::string& tracer) {
  if (condition.core_dumping) return "is dumping core";
  if (condition.frozen) return "frozen by its cgroup";
  if (condition.state == TaskState::disk_sleep) return in_sleep(condition);
  if (last == signals::kKill) return "";
  if (condition.state == TaskState::traced) return held_by_tracer(condition, tracer);
  if (condition.state == TaskState::stopped)
    return "stopped; " + last.name() + " waits until it continues";
  return "";
}

std::string own_doing(const Machine::Condition& condition, Signal last) {
  if (signals::kKernelOnly.has(last)) return "";
  if (condition.blocked.has(last)) return "blocks " + last.name();
  if (condition.ignored.has(last)) return "ignores " + last.name();
  if (condition.caught.has(last)) return "its handler for " + last.name() + " did not end it";
  return "";
}

std::string default_does_not_end(Signal last) {
  switch (last.default_action()) {
    case DefaultAction::ignore:
      return last.name() + " does nothing by default";
    case DefaultAction::stop:
      return last.name() + " only stops it";
    case DefaultAction::resume:
      return last.name() + " only continues it";
    case DefaultAction::terminate:
    case DefaultAction::core:
      break;
  }
  return last.number() == 0 ? "signal 0 only asks" : "";
}

std::string tracer_name(const Machine& machine, Pid tracer) {
  if (tracer == Pid{}) return "";
  const Result<World> world = machine.read_some(std::array{tracer}, Known::stat);
  const TaskIndex task = world ? world->find(tracer) : TaskIndex{};
  return task ? (*world)[task].comm : "";
}

}  // namespace

std::string what_keeps(const Machine::Condition& condition, std::optional<Signal> last,
                       const std::string& tracer) {
  if (!last) return "no signal was sent to it";
  std::string reason = not_running(condition, *last, tracer);
  if (reason.empty()) reason = own_doing(condition, *last);
  if (reason.empty()) reason = default_does_not_end(*last);
  return reason.empty() ? "has not ended yet" : reason;
}

std::string why_it_lives(const Machine& machine, const Doomed& member) {
  if (!member.immunity.empty()) return member.immunity;
  const Result<Machine::Condition> condition = machine.condition(member.outcome.id);
  if (!condition) return condition.error().message();
  return what_keeps(*condition, member.outcome.last_signal,
                    tracer_name(machine, condition->tracer));
}

}  // namespace knell::act
