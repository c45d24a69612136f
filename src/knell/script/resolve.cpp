/// From names to numbers.

#include <cerrno>
#include <limits>

#include <fmt/format.h>

#include "knell/script/look.hpp"
#include "knell/script/run.hpp"

namespace knell::script {
namespace {

std::unexpected<Error> cannot(const Step& step, std::string what) {
  if (step.at.line != 0) what = fmt::format("line {}: {}", step.at.line, what);
  return failure(0, "", std::move(what));
}

/// A group's or session's number, which is that of its first leader, as `ns` numbers it.
std::int32_t number_in_ns(const World& world, std::int32_t number, PidNamespaceIndex ns) {
  for (std::size_t place = world.tasks.size(); place > 0; --place)
    if (world.tasks[place - 1].pid.value() == number)
      return kernel::task_pid_nr_ns(world, TaskIndex(place - 1), ns).value();
  return number;
}

class Resolver {
public:
  Resolver(const Run& run, const Step& step) : run_(run), step_(step) {}

  Result<Action> operator()(const CallStep& step) const {
    const TaskIndex actor = KNELL_TRY(somebody(step.actor));
    if (!kernel::accepts_calls(run_.world, actor))
      return cannot(step_,
                    fmt::format("{} cannot make a call: {}", step.actor, why_not(run_, actor)));
    MakeCall action{run_.world[actor].pid, {step.nr, {}}};
    for (std::size_t i = 0; i < step.arguments.size(); ++i)
      action.call.arg[i] = KNELL_TRY(number(step.arguments[i], actor));
    return action;
  }

  Result<Action> operator()(const KeyStep& step) const {
    KNELL_TRY(terminal(step.tty));
    return PressKey{step.tty, step.key};
  }

  Result<Action> operator()(const HangUpStep& step) const {
    KNELL_TRY(terminal(step.tty));
    return HangUp{step.tty};
  }

  Result<Action> operator()(const OomStep& step) const {
    const TaskIndex victim = KNELL_TRY(somebody(step.victim));
    const Doing now = doing(run_.world, victim);
    if (now == Doing::zombie || now == Doing::gone)
      return cannot(step_, fmt::format("the OOM killer cannot choose {}: {}", step.victim,
                                       why_not(run_, victim)));
    return OutOfMemory{run_.world[victim].pid};
  }

  Result<Action> operator()(const PassStep& step) const { return Advance{step.milliseconds}; }

  Result<Action> operator()(const ExpectStep& /*step*/) const {
    return cannot(step_, "an expectation does nothing");
  }

private:
  Result<TaskIndex> somebody(std::string_view name) const {
    if (const TaskIndex task = task_of(run_, name)) return task;
    for (const Named& named : run_.names)
      if (named.name == name)
        return cannot(step_,
                      fmt::format("there is no {}: the call that was to make it failed", name));
    return cannot(step_, fmt::format("nobody is called {}", name));
  }

  Result<void> terminal(std::uint32_t number) const {
    if (number < run_.world.ttys.size()) return {};
    return cannot(step_, fmt::format("there is no terminal {}", number));
  }

  Result<std::int64_t> number(const Argument& argument, TaskIndex actor) const {
    using Kind = Argument::Kind;
    if (argument.kind == Kind::number || argument.kind == Kind::user) return argument.value;
    const World& world = run_.world;
    const TaskIndex task = KNELL_TRY(somebody(argument.name));
    const PidNamespaceIndex ns = world[actor].pid_ns;
    std::int32_t number = 0;
    if (argument.kind == Kind::task || argument.kind == Kind::minus_task)
      number = kernel::task_pid_nr_ns(world, task, ns).value();
    else if (argument.kind == Kind::session)
      number = number_in_ns(world, world.signal_of(task).session.value(), ns);
    else
      number = number_in_ns(world, world.signal_of(task).pgrp.value(), ns);
    if (number == 0) return invisible(argument, actor);
    const bool minus = argument.kind == Kind::minus_task || argument.kind == Kind::minus_group;
    return minus ? -std::int64_t{number} : number;
  }

  /// 0 would mean something else to nearly every call.
  std::unexpected<Error> invisible(const Argument& argument, TaskIndex actor) const {
    const std::string_view whose =
        argument.kind == Argument::Kind::session ? " session"
        : argument.kind == Argument::Kind::group || argument.kind == Argument::Kind::minus_group
            ? " group"
            : "";
    return cannot(
        step_, fmt::format("{}{} has no number where {} is", argument.name,
                           whose.empty() ? "" : fmt::format("'s{}", whose), name_of(run_, actor)));
  }

  const Run& run_;
  const Step& step_;
};

}  // namespace

Result<Action> resolve(const Run& run, const Step& step) {
  return std::visit(Resolver(run, step), step.what);
}

}  // namespace knell::script
