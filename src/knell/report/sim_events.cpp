#include "knell/report/sim_events.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "knell/script/look.hpp"
#include "knell/script/print.hpp"

namespace knell::report {
namespace {

using Kind = Event::Kind;
using script::Doing;

GenerateResult result_of(const Event& event) {
  return static_cast<GenerateResult>(event.value);
}

/// Whether the event is the sending of what `notice` tells a parent of.
bool belongs_to(const Event& event, const Event& notice) {
  const bool told = notice.kind == Kind::notify_parent || notice.kind == Kind::stop_notify;
  return told && event.kind == Kind::signal_generate && event.task == notice.other &&
         event.signal == notice.signal;
}

std::string_view why_told(const Event& notice) {
  switch (notice.value) {
    case si::kStopped:
      return "has stopped";
    case si::kContinued:
      return "goes on";
    case si::kTrapped:
      return "has stopped for it";
    default:
      return "has ended";
  }
}

}  // namespace

std::string EventWords::name(TaskIndex task) const {
  return task ? name_of(after_, task) : "the kernel";
}

bool EventWords::is_thread(TaskIndex task) const {
  return after_.world.leader(task) != task;
}

bool EventWords::was_ending(TaskIndex task) const {
  return task.place() < before_.world.tasks.size() && before_.world.signal_of(task).group_exit;
}

bool EventWords::end_was_decided(std::size_t event) const {
  const SignalIndex group = after_.world[log_[event].task].signal;
  return std::any_of(
      log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(event), [&](const Event& earlier) {
        return earlier.kind == Kind::group_exit && after_.world[earlier.task].signal == group;
      });
}

std::string EventWords::why_dropped(const Event& event) const {
  if (was_ending(event.task))
    return script::doing(before_.world, event.task) == Doing::zombie ? ": in vain, it has ended"
                                                                     : ": in vain, it is ending";
  if (after_.world.signal_of(event.task).unkillable && !ignores(event.task, event.signal))
    return ": dropped, an init takes only what it catches";
  return ": ignored";
}

bool EventWords::ignores(TaskIndex task, Signal signal) const {
  const World& world = after_.world;
  return world[world[task].sighand].ignored.has(signal) || signals::kKernelIgnore.has(signal);
}

/// Of a signal that was queued: whether it still waits when all are at rest, and why.
std::string EventWords::what_came_of_it(const Event& event) const {
  const World& world = after_.world;
  switch (result_of(event)) {
    case GenerateResult::ignored:
      return why_dropped(event);
    case GenerateResult::already_pending:
      return ": it waits there already, once is enough";
    case GenerateResult::delivered:
      break;
  }
  const Doing doing = script::doing(world, event.task);
  if (doing == Doing::zombie || doing == Doing::gone) return "";
  if (!script::pending(world, event.task).has(event.signal)) return "";
  return world[event.task].blocked.has(event.signal) ? ": it waits, blocked" : ": it waits";
}

std::string EventWords::sent(std::size_t at) const {
  const Event& event = log_[at];
  if (at > 0 && belongs_to(event, log_[at - 1])) return "";
  // With `functions` noted there may be some between a notice and its signal.
  for (std::size_t i = at; i > 0 && log_[i - 1].kind == Kind::function; --i)
    if (i > 1 && belongs_to(event, log_[i - 2])) return "";
  return fmt::format("{} sends {} to {}{}", name(event.other), event.signal.name(),
                     event.other == event.task ? "itself" : name(event.task),
                     what_came_of_it(event));
}

std::string EventWords::notified(std::size_t at) const {
  const Event& notice = log_[at];
  const auto sent = std::find_if(log_.begin() + static_cast<std::ptrdiff_t>(at) + 1, log_.end(),
                                 [](const Event& event) { return event.kind != Kind::function; });
  const std::string about = fmt::format("{} {}", name(notice.task), why_told(notice));
  if (sent == log_.end() || !belongs_to(*sent, notice))
    return fmt::format("{} does not want to be told that {}", name(notice.other), about);
  return fmt::format("{} gets {}, for {}{}", name(notice.other), notice.signal.name(), about,
                     what_came_of_it(*sent));
}

std::string EventWords::group_exit(const Event& event) const {
  const int status = static_cast<int>(event.value);
  const SignalStruct& group = after_.world.signal_of(event.task);
  const bool threads = group.nr_threads > 1 || (event.task.place() < before_.world.tasks.size() &&
                                                before_.world.signal_of(event.task).nr_threads > 1);
  return fmt::format("the end of {} is decided: {}{}", name(after_.world.leader(event.task)),
                     script::status_text(status), threads ? "; its threads get KILL" : "");
}

std::string EventWords::released(const Event& event) const {
  if (event.other && after_.world[event.other].signal == after_.world[event.task].signal)
    return "the old leader is gone: " + name(event.other) + " has its number now";
  if (is_thread(event.task)) return fmt::format("the thread {} is gone", name(event.task));
  if (!event.other) return fmt::format("{} is gone: nobody has to wait for it", name(event.task));
  return fmt::format("{} is gone: {} has waited for it", name(event.task), name(event.other));
}

std::string EventWords::returned(const Event& event) const {
  const UserContext* context =
      after_.world[event.task].context ? &after_.world[after_.world[event.task].context] : nullptr;
  // What the last one returned can be told in full.
  const bool last = context != nullptr && context->last.value == event.value &&
                    knell::name_of(context->last.nr) == event.name;
  if (last)
    return fmt::format("{} returns {} to {}", event.name, print(result_of(after_, event.task)),
                       name(event.task));
  const script::Expected value{
      event.value < 0 ? script::Expected::Kind::error : script::Expected::Kind::value,
      event.value < 0 ? -event.value : event.value};
  return fmt::format("{} returns {} to {}", event.name, print(value), name(event.task));
}

std::string EventWords::slept(const Event& event) const {
  if (event.other)
    return fmt::format("{} sleeps until {} runs a program or ends", name(event.task),
                       name(event.other));
  return fmt::format("{} sleeps in {}", name(event.task), event.name);
}

std::string EventWords::of_task(const Event& event) const {
  const std::string who = name(event.task);
  const std::string signal = event.signal.name();
  switch (event.kind) {
    case Kind::signal_denied:
      if (event.value == EINVAL)
        return fmt::format("what {} sends is no signal", name(event.other));
      return fmt::format("{} may not send {} to {}", name(event.other), signal, who);
    case Kind::signal_ignored:
      return fmt::format("{} takes {} and does nothing", who, signal);
    case Kind::ptrace_stop:
      return fmt::format("{} stops for its tracer, {} ({})", who, name(event.other), signal);
    case Kind::job_stop:
      return fmt::format("{} stops ({})", who, signal);
    case Kind::job_continue:
      return fmt::format("{} goes on", who);
    case Kind::reparent:
      return fmt::format("{} becomes a child of {}", who, name(event.other));
    case Kind::zombie:
      return fmt::format("{} has ended ({})", who,
                         script::status_text(script::end_status(after_.world, event.task)));
    case Kind::restart:
      return fmt::format("{} makes its call {} again", who, event.name);
    case Kind::handler_enter:
      return fmt::format("{}'s handler for {} runs", who, signal);
    case Kind::sigreturn:
      return fmt::format("{} leaves its handler for {}", who, signal);
    case Kind::fork:
      return fmt::format("{} makes {}{}, pid {}", name(event.other),
                         is_thread(event.task) ? "the thread " : "", who, event.value);
    case Kind::exec:
      return fmt::format("{} runs a program anew", who);
    default:
      return of_machine(event);
  }
}

std::string EventWords::of_machine(const Event& event) const {
  const std::string who = name(event.task);
  switch (event.kind) {
    case Kind::exit_files:
      if (event.value == 0) return "";
      return fmt::format("what {} had open is closed ({})", who, event.value);
    case Kind::resource:
      if (event.name == "FUTEX_OWNER_DIED")
        return fmt::format("lock {} is marked: its owner, {}, died", event.value, who);
      if (event.name == "SEM_UNDO")
        return fmt::format("a semaphore is changed by {}, which undoes what {} did", event.value,
                           who);
      return fmt::format("{}: {} {}", who, event.name, event.value);
    case Kind::oom:
      return fmt::format("the OOM killer chooses {}", who);
    case Kind::timer:
      return fmt::format("the timer of {} is due", who);
    case Kind::terminal:
      if (event.name == "hangup") return "the terminal's line is dropped";
      return fmt::format("the terminal sends {} to its foreground", event.signal.name());
    default:
      return "";
  }
}

std::string EventWords::text(std::size_t at) const {
  const Event& event = log_[at];
  switch (event.kind) {
    case Kind::function:
    case Kind::step:
    case Kind::sys_enter:
    case Kind::signal_handler:  // handler_enter follows
    case Kind::exit_mm:
      return "";
    case Kind::signal_generate:
      return sent(at);
    case Kind::notify_parent:
    case Kind::stop_notify:
      return notified(at);
    case Kind::signal_deliver:
      if (end_was_decided(at) || was_ending(event.task)) return "";
      return fmt::format("{} takes {}", name(event.task), event.signal.name());
    case Kind::group_exit:
      return group_exit(event);
    case Kind::release:
      return released(event);
    case Kind::sys_exit:
      return returned(event);
    case Kind::sleep:
      return slept(event);
    default:
      return of_task(event);
  }
}

}  // namespace knell::report
