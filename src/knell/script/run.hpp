#pragma once

/// A scenario that is being carried out, as a value: who copies a Run and puts it back has undone
/// everything since.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "knell/kernel/kernel.hpp"
#include "knell/script/action.hpp"
#include "knell/script/script.hpp"
#include "knell/world/error.hpp"
#include "knell/world/world.hpp"

namespace knell::script {

/// A task that the scenario has a name for.
struct Named {
  std::string name;
  TaskIndex task;        ///< none: the call that was to make it failed
  bool process = false;  ///< it led its thread group when it was named; see `task_of`
  bool reaped = false;   ///< it has been released,
  TaskIndex reaper;      ///< by whom; none: nobody waited for it
  bool operator==(const Named&) const = default;
};

struct Run {
  World world;
  std::vector<Named> names;  ///< init is the first
  kernel::KernelVersion version = kernel::kNewest;
  bool operator==(const Run&) const = default;
};

/// The beginning: init alone, and the terminals the script asks for. What the script says about the
/// version counts; where it says nothing, the newest.
[[nodiscard]] Run start(const Script& script);

/// Who has the name now; none: nobody was ever made, or no such name. The name of a process stays
/// with the process: where a thread of it calls execve(2), that thread has the leader's number and
/// its name afterwards.
[[nodiscard]] TaskIndex task_of(const Run& run, std::string_view name);
/// What the scenario calls the task: its name, or "pid 7" for one without.
[[nodiscard]] std::string name_of(const Run& run, TaskIndex task);

/// Whether the step does something. (An `expect` only looks.)
[[nodiscard]] bool acts(const Step& step);
/// The step, which `acts`, with its names resolved: pids as the caller's pid namespace numbers
/// them. Error: the step cannot be taken now, and why ("line 12: job cannot make a call: it is
/// stopped (by TSTP)"; "line 12: init has no number where box is").
[[nodiscard]] Result<Action> resolve(const Run& run, const Step& step);

/// Does it to the World, up to the point where other tasks would run: `kernel::run_to_rest` is the
/// caller's to call.
void perform(kernel::Kernel& kernel, const Action& action);

/// How far a Run was before an action, for `learn` and `unmet` after it.
struct Before {
  std::size_t tasks = 0;       ///< how many there had been
  std::uint32_t returned = 0;  ///< how many calls of the step's actor had returned
};
[[nodiscard]] Before before(const Run& run, const Step& step);
/// Enters what the action brought, once the World is at rest: the new name, and who reaped whom.
void learn(Run& run, const Step& step, const Before& before, const EventLog& log);

/// An expectation that does not hold.
struct Unmet {
  Place at;
  std::string expected;  ///< in the scenario's words: "job stopped"
  std::string found;     ///< likewise: "job runs"
  bool operator==(const Unmet&) const = default;
};
/// Those of the step (its `=`, or its facts) that do not hold in the World as it is.
[[nodiscard]] std::vector<Unmet> unmet(const Run& run, const Step& step, const Before& before);

/// All of it: resolves, performs, lets everybody come to rest, learns, and looks.
struct StepResult {
  EventLog events;
  std::vector<Unmet> unmet;
};
/// `functions`: the log has the kernel's functions, too (Event::Kind::function).
[[nodiscard]] Result<StepResult> step(Run& run, const Step& step, bool functions = false);

}  // namespace knell::script
