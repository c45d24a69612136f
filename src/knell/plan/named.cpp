#include "knell/plan/named.hpp"

#include <unistd.h>

#include <algorithm>

#include "knell/plan/predict.hpp"
#include "knell/plan/scope.hpp"

namespace knell::plan {
namespace {

/// The processes that are never ended by accident, and why.
std::vector<std::pair<TaskIndex, Spared::Reason>> protected_tasks(const World& world,
                                                                  TaskIndex knell) {
  std::vector<std::pair<TaskIndex, Spared::Reason>> all;
  if (knell) {
    all.emplace_back(knell, Spared::Reason::knell_itself);
    for (TaskIndex above : ancestors(world, knell))
      all.emplace_back(above, Spared::Reason::ancestor_of_knell);
  }
  for (TaskIndex task : world.processes()) {
    if (world[task].pid == Pid(1)) all.emplace_back(task, Spared::Reason::init);
    if (world[task].kernel_thread) all.emplace_back(task, Spared::Reason::kernel_thread);
  }
  return all;
}

std::vector<Pid> zombies(const Outcome& outcome) {
  std::vector<Pid> pids;
  for (const ProcessOutcome& process : outcome.processes)
    if (process.zombie) pids.push_back(process.id.pid);
  std::ranges::sort(pids);
  return pids;
}

ProcessOutcome started_meanwhile(const World& world, TaskIndex task) {
  ProcessOutcome process;
  process.id = world.id(task);
  process.name = whole_name(world, task);
  process.role = Role::born;
  process.fate = Fate::survived;
  process.why = "started meanwhile, and named too; not signalled";
  return process;
}

}  // namespace

Named set_apart(const World& world, const Request& request, const select::Selection& selection,
                TaskIndex knell) {
  Named named;
  std::vector<std::optional<Spared::Reason>> reason(world.tasks.size());
  for (const auto& [task, why] : protected_tasks(world, knell)) {
    if (!reason[task.place()]) reason[task.place()] = why;
    named.protected_.insert(task);
  }
  for (const select::Match& match : selection.matches) {
    const auto& why = reason[match.task.place()];
    const bool by_number = request.targets[match.target].kind == select::Target::Kind::pid;
    const bool forced = request.force && by_number && why != Spared::Reason::knell_itself;
    if (!why || forced)
      named.tasks.push_back(match.task);
    else
      named.spared.push_back({world.id(match.task), whole_name(world, match.task), *why});
  }
  return named;
}

Result<void> add_named_meanwhile(const live::Machine& machine, const Request& request,
                                 const Forecast& forecast, Outcome& outcome) {
  Request again = request;
  std::erase_if(again.targets, [](const select::Target& target) {
    return target.kind == select::Target::Kind::pid;
  });
  if (again.targets.empty()) return {};
  Questions questions = select::questions(again.targets, again.filter);
  questions.passed_over = zombies(outcome);
  const World now = KNELL_TRY(machine.read(questions));
  const select::Selection selection =
      KNELL_TRY(select::select(now, again.targets, again.filter, machine.answer(questions)));

  std::set<ProcessId> known;
  for (const ProcessOutcome& process : outcome.processes) known.insert(process.id);
  for (TaskIndex task : set_apart(now, again, selection, now.find(Pid(::getpid()))).tasks) {
    const bool is_new = !forecast.before.find(now.id(task)) && !known.contains(now.id(task));
    if (is_new && !now.is_zombie(task)) outcome.processes.push_back(started_meanwhile(now, task));
  }
  return {};
}

}  // namespace knell::plan
