#include "knell/conform/comparison.hpp"

#include <sys/utsname.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "knell/conform/stage.hpp"

namespace knell::conform {
namespace {

class OnStage : public Reality {
public:
  OnStage(Stage stage, std::chrono::milliseconds limit) : stage_(std::move(stage)), limit_(limit) {}
  Result<void> perform(const script::Action& action) override { return stage_.perform(action); }
  Result<Observation> rest() override { return stage_.rest(limit_); }

private:
  Stage stage_;
  std::chrono::milliseconds limit_;
};

/// The version the machine runs, as far as kernel/ tells versions apart.
kernel::KernelVersion running_version() {
  utsname name{};
  int major = 0;
  int minor = 0;
  int patch = 0;
  const bool told =
      ::uname(&name) == 0 && std::sscanf(name.release, "%d.%d.%d", &major, &minor, &patch) >= 2;
  return told ? kernel::version_of(major, minor, patch) : kernel::kNewest;
}

/// That nobody comes to rest is a difference like any other: in a World they always do.
Result<Judgement> judge_rest(Reality& reality,
                             const std::function<Judgement(const Observation&)>& judge) {
  const Result<Observation> came = reality.rest();
  if (came) return judge(*came);
  if (came.error().number != ETIMEDOUT) return std::unexpected(came.error());
  return Judgement{{came.error().message()}};
}

/// A signal waits that another thread was to take. A clone takes it first: its handler begins, and
/// the child is made when that has returned, by whoever returns from it.
bool makes_a_child_later(const World& world, const Task& actor, const Call& call) {
  const SigSet pending = actor.pending.signal | world[actor.signal].shared_pending.signal;
  const SighandStruct& table = world[actor.sighand];
  const SigSet holding = table.caught & ~table.returns;
  return call.nr == Sys::clone && !(pending & ~actor.blocked & holding).empty();
}

/// A lock's word names its owner by the number that it has in its own pid namespace. Two owners of
/// one number break the lists that user space keeps of its locks.
bool shares_locks_across_namespaces(const World& world, const Task& actor, const Call& call) {
  const bool locks = call.nr == Sys::robust_lock || call.nr == Sys::robust_unlock;
  return locks && actor.numbers.size() != world[world.find(Pid(1))].numbers.size();
}

/// Error: the step cannot be taken now. In a script that was shortened, it may name somebody who
/// was never made, or have them leave a handler that they are not in.
Result<script::Action> to_be_taken(const script::Run& run, const script::Step& step) {
  script::Action action = KNELL_TRY(script::resolve(run, step));
  const auto* make = std::get_if<script::MakeCall>(&action);
  if (make == nullptr) return action;
  const Task& actor = run.world[run.world.find(make->actor)];
  const bool in_handler = !run.world[actor.context].frames.empty();
  if (make->call.nr == Sys::rt_sigreturn && !in_handler)
    return failure(0, "", "nobody is in a handler");
  if (makes_a_child_later(run.world, actor, make->call))
    return failure(ENOTSUP, "stage", "a task that is made behind a handler");
  if (shares_locks_across_namespaces(run.world, actor, make->call))
    return failure(ENOTSUP, "stage", "a robust lock from within another pid namespace");
  return action;
}

/// Init has ended, and all with it: what is left is a zombie that its parent, outside of the
/// scenario, may or may not have waited for.
bool is_over(const World& world) {
  return !world.find(Pid(1));
}
Judgement judge_end(const Observation& came) {
  for (const TaskSeen& task : came.tasks)
    if (task.pid != Pid(1) || task.doing != Doing::zombie)
      return {{fmt::format("{}: is there, was foretold gone with init", task.pid.value())}};
  return {};
}

bool is_staged(const script::Step& step) {
  return script::acts(step) && !std::holds_alternative<script::OomStep>(step.what);
}

}  // namespace

Realities on_this_machine(std::chrono::milliseconds limit) {
  return [limit]() -> Result<std::unique_ptr<Reality>> {
    return std::make_unique<OnStage>(KNELL_TRY(Stage::open()), limit);
  };
}

Result<Compared> compare(const script::Script& beginning, const Steps& steps,
                         const Realities& realities) {
  const std::unique_ptr<Reality> reality = KNELL_TRY(realities());
  script::Run start = script::start(beginning);
  start.version = running_version();
  PossibleWorlds worlds(std::move(start));
  Compared compared{.script = beginning};
  compared.script.steps.clear();
  compared.judgement = KNELL_TRY(judge_rest(*reality, [&](const Observation& came) {
    return Judgement{differences(observe(worlds.likely().world), came)};
  }));
  while (compared.judgement.fits() && !is_over(worlds.likely().world)) {
    std::optional<script::Step> step = steps(worlds.likely());
    if (!step) break;
    const Result<script::Action> action = to_be_taken(worlds.likely(), *step);
    const Result<void> begun = action ? reality->perform(*action) : std::unexpected(action.error());
    if (!action || (!begun && begun.error().number == ENOTSUP)) {
      compared.skipped.push_back(begun.error().message());
      continue;
    }
    if (!begun) return std::unexpected(begun.error());
    worlds.foresee(*step, *action);
    compared.script.steps.push_back(std::move(*step));
    compared.judgement = KNELL_TRY(judge_rest(*reality, [&](const Observation& came) {
      return is_over(worlds.likely().world) ? judge_end(came) : worlds.judge(came);
    }));
  }
  compared.most_candidates = worlds.most_candidates();
  compared.explored = worlds.explored();
  return compared;
}

Result<Compared> compare(const script::Script& script, const Realities& realities) {
  std::size_t next = 0;
  std::vector<std::string> left_out;
  const Steps steps = [&](const script::Run&) -> std::optional<script::Step> {
    for (; next < script.steps.size(); ++next) {
      const script::Step& step = script.steps[next];
      if (is_staged(step)) return script.steps[next++];
      if (script::acts(step))
        left_out.push_back(
            fmt::format("line {}: the OOM killer cannot be told whom to choose", step.at.line));
    }
    return std::nullopt;
  };
  Compared compared = KNELL_TRY(compare(script, steps, realities));
  compared.skipped.insert(compared.skipped.end(), left_out.begin(), left_out.end());
  return compared;
}

}  // namespace knell::conform
