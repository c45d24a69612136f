#include "knell/script/run.hpp"

#include <algorithm>

#include "knell/script/look.hpp"

namespace knell::script {
namespace {

struct Performer {
  kernel::Kernel& kernel;

  void operator()(const MakeCall& action) const {
    if (const TaskIndex actor = kernel.world.find(action.actor))
      kernel::sys_enter(kernel, actor, action.call);
  }
  void operator()(const PressKey& action) const {
    kernel::tty_input(kernel, TtyIndex(action.tty), action.key);
  }
  void operator()(const HangUp& action) const { kernel::tty_hangup(kernel, TtyIndex(action.tty)); }
  void operator()(const OutOfMemory& action) const {
    if (const TaskIndex victim = kernel.world.find(action.victim))
      kernel::oom_kill_process(kernel, victim);
  }
  void operator()(const Advance& action) const { kernel::advance(kernel, action.milliseconds); }
};

/// The task that the actor's call made; none: it failed. Where nothing was noted, the first new
/// one.
TaskIndex made_by(const Run& run, TaskIndex actor, const Before& before, const EventLog& log) {
  for (const Event& event : log)
    if (event.kind == Event::Kind::fork && event.other == actor) return event.task;
  const bool silent = log.empty() && run.world.tasks.size() > before.tasks;
  return silent ? TaskIndex(before.tasks) : TaskIndex();
}

TaskIndex task_of(const World& world, const Named& named) {
  return named.task && named.process ? world.leader(named.task) : named.task;
}

}  // namespace

Run start(const Script& script) {
  Run run;
  run.world = kernel::boot();
  run.version = script.version.value_or(kernel::kNewest);
  for (std::uint32_t i = 0; i < script.ttys; ++i) kernel::add_tty(run.world);
  run.names.push_back({.name = kInit, .task = run.world.find(Pid(1)), .process = true});
  return run;
}

TaskIndex task_of(const Run& run, std::string_view name) {
  for (const Named& named : run.names)
    if (named.name == name) return task_of(run.world, named);
  return {};
}

std::string name_of(const Run& run, TaskIndex task) {
  if (!task) return "nobody";
  for (const Named& named : run.names)
    if (task_of(run.world, named) == task) return named.name;
  return "pid " + std::to_string(run.world[task].pid.value());
}

bool acts(const Step& step) {
  return !std::holds_alternative<ExpectStep>(step.what);
}

void perform(kernel::Kernel& kernel, const Action& action) {
  std::visit(Performer{kernel}, action);
}

Before before(const Run& run, const Step& step) {
  Before before{.tasks = run.world.tasks.size()};
  const auto* call = std::get_if<CallStep>(&step.what);
  const TaskIndex actor = call != nullptr ? task_of(run, call->actor) : TaskIndex{};
  if (actor && run.world[actor].context)
    before.returned = run.world[run.world[actor].context].returned;
  return before;
}

void learn(Run& run, const Step& step, const Before& before, const EventLog& log) {
  const World& world = run.world;
  if (const auto* call = std::get_if<CallStep>(&step.what); call && !call->makes.empty()) {
    const TaskIndex made = made_by(run, task_of(run, call->actor), before, log);
    run.names.push_back({call->makes, made, made && world.leader(made) == made});
  }
  for (const Event& event : log) {
    if (event.kind != Event::Kind::release) continue;
    for (Named& named : run.names) {
      if (task_of(world, named) != event.task) continue;
      named.reaped = true;
      named.reaper = event.other;
    }
  }
}

Result<StepResult> step(Run& run, const Step& step, bool functions) {
  StepResult result;
  const Before before = script::before(run, step);
  if (acts(step)) {
    const Action action = KNELL_TRY(resolve(run, step));
    kernel::Kernel kernel(run.world, run.version);
    kernel.steps = functions;
    perform(kernel, action);
    kernel::run_to_rest(kernel);
    learn(run, step, before, kernel.log);
    result.events = std::move(kernel.log);
  }
  result.unmet = unmet(run, step, before);
  return result;
}

}  // namespace knell::script
