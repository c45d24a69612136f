#include "knell/compat/look.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "knell/compat/choose.hpp"
#include "knell/compat/printed.hpp"

namespace knell::compat {
namespace {

constexpr Pid kInit{1};

/// Nobody can be compared with one whose namespaces are not known.
Result<void> check_reference(const World& world, Pid like) {
  if (like == Pid{}) return {};
  const TaskIndex task = world.find(like);
  const bool known = task && world.details_of(task).namespaces != Namespaces{};
  if (known) return {};
  return failure(task ? EACCES : ESRCH, "read",
                 "the namespaces of " + std::to_string(like.value()));
}

/// Whether a process is of no interest unless its name matches. The parents of others are not known
/// then.
bool goes_by_name(const Criteria& criteria) {
  return criteria.pattern && !criteria.full && !criteria.inverse && !criteria.threads &&
         criteria.parents.empty() && criteria.like == Pid{};
}

Result<World> read(const live::Machine& machine, const Criteria& criteria,
                   const Questions& questions) {
  if (!goes_by_name(criteria)) return machine.read(questions);
  return machine.read_fitting(
      questions, [&](std::string_view comm) { return criteria.pattern->matches(printed(comm)); });
}

}  // namespace

Result<Choice> look(const Criteria& criteria) {
  live::Machine machine = KNELL_TRY(live::Machine::open());
  const Questions questions = questions_of(criteria);
  World world = KNELL_TRY(read(machine, criteria, questions));
  KNELL_TRY(check_reference(world, criteria.like));
  const Answers answers = machine.answer(questions);
  std::vector<TaskIndex> tasks = choose(world, criteria, answers, Pid(::getpid()));
  return Choice{std::move(machine), std::move(world), std::move(tasks)};
}

std::vector<TaskIndex> kept_processes(const World& world) {
  std::vector<TaskIndex> kept = ancestors(world, Pid(::getpid()));
  if (const TaskIndex init = world.find(kInit); std::ranges::find(kept, init) == kept.end())
    kept.push_back(init);
  return kept;
}

std::vector<TaskIndex> spare(const World& world, std::vector<TaskIndex>& tasks) {
  const std::vector<TaskIndex> kept = kept_processes(world);
  std::vector<TaskIndex> spared;
  std::erase_if(tasks, [&](TaskIndex task) {
    if (std::ranges::find(kept, task) == kept.end()) return false;
    spared.push_back(task);
    return true;
  });
  return spared;
}

std::string spared_text(const World& world, const std::vector<TaskIndex>& spared) {
  std::string text = "spared";
  for (const TaskIndex task : spared)
    text += (task == spared.front() ? " " : ", ") + std::to_string(world[task].pid.value()) + " (" +
            name_of(world, task) + ")";
  return text + ", by which this was started; --ancestors spares nobody";
}

}  // namespace knell::compat
