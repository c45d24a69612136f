/// Expectations, held against the World.

#include <algorithm>

#include <fmt/format.h>

#include "knell/script/look.hpp"
#include "knell/script/print.hpp"
#include "knell/script/run.hpp"
#include "knell/script/seen.hpp"

namespace knell::script {
namespace {

using Kind = Fact::Kind;

/// Whether what came is what was expected: where less was said, less is compared.
bool matches(const Run& run, TaskIndex task, const Expected& expected, const Expected& found) {
  using Of = Expected::Kind;
  const CallResult& last = run.world[run.world[task].context].last;
  switch (expected.kind) {
    case Of::value:
    case Of::values:
      return last.value == expected.value;
    case Of::task:
      return found.name == expected.name && found.kind != Of::signal;
    case Of::signal:
      return found.kind == Of::signal && found.value == expected.value &&
             (expected.name.empty() || expected.name == found.name);
    default:
      return expected == found;
  }
}

Seen look_at_tty(const Run& run, std::uint32_t number, const Fact& fact) {
  if (number >= run.world.ttys.size()) return {false, "no such terminal"};
  const Tty& tty = run.world.ttys[number];
  if (fact.kind == Kind::foreground) return compare_group(run, fact, tty.foreground.value());
  if (fact.kind == Kind::terminal_of) return compare_group(run, fact, tty.session.value());
  return {tty.hung_up, tty.hung_up ? "hung up" : "not hung up"};
}

Seen look_at_lock(const Run& run, std::uint32_t number, const Fact& fact) {
  const auto& locks = run.world.robust_locks;
  const RobustLock lock = number < locks.size() ? locks[number] : RobustLock();
  std::string found = lock.owner ? "held by " + name_of(run, lock.owner) : "free";
  if (lock.owner_died) found += ", owner died";
  switch (fact.kind) {
    case Kind::held_by:
      return {lock.owner == task_of(run, fact.name), found};
    case Kind::free:
      return {!lock.owner, found};
    default:
      return {lock.owner_died, found};
  }
}

Seen look_at_count(const Run& run, const ExpectStep& expect, const Fact& fact) {
  const auto& semaphores = run.world.semaphores;
  std::int64_t count = run.world.shm_attached;
  if (expect.subject == ExpectStep::Subject::semaphore)
    count = expect.number < semaphores.size() ? semaphores[expect.number] : 0;
  return {count == fact.number, fmt::format("is {}", count)};
}

Seen look(const Run& run, const ExpectStep& expect, const Fact& fact) {
  if (expect.subject == ExpectStep::Subject::tty) return look_at_tty(run, expect.number, fact);
  if (expect.subject == ExpectStep::Subject::lock) return look_at_lock(run, expect.number, fact);
  if (expect.subject != ExpectStep::Subject::task) return look_at_count(run, expect, fact);
  const TaskIndex task = task_of(run, expect.task);
  const auto named = std::ranges::find(run.names, expect.task, &Named::name);
  if (!task || named == run.names.end()) return {false, "was never made"};
  return look_at_task(run, task, *named, fact);
}

std::string subject_text(const ExpectStep& expect) {
  ExpectStep subject = expect;
  subject.facts.clear();
  return print(Step{.what = std::move(subject)}).substr(std::string_view("expect ").size());
}

std::vector<Unmet> unmet_facts(const Run& run, const ExpectStep& expect) {
  std::vector<Unmet> all;
  for (const Fact& fact : expect.facts) {
    Fact plain = fact;
    plain.negated = false;
    const Seen seen = look(run, expect, plain);
    if (seen.holds != fact.negated) continue;
    const std::string subject = subject_text(expect);
    all.push_back({fact.at, subject + " " + print(fact), subject + " " + seen.found});
  }
  return all;
}

std::vector<Unmet> unmet_result(const Run& run, const CallStep& step, const Before& before) {
  const TaskIndex actor = task_of(run, step.actor);
  if (!step.result || !actor || !run.world[actor].context) return {};
  const Expected& expected = *step.result;
  const bool returned = run.world[run.world[actor].context].returned != before.returned;
  Seen seen;
  if (returned) {
    seen = compare_result(run, actor, expected);
    seen.found = fmt::format("{} returned {}", knell::name_of(step.nr), seen.found);
  } else {
    seen.holds =
        expected.kind == Expected::Kind::sleeps && doing(run.world, actor) == Doing::in_call;
    seen.found = fmt::format("{} {}", step.actor, print(doing_fact(run.world, actor)));
  }
  if (seen.holds) return {};
  return {{expected.at, fmt::format("{} = {}", print(step), print(expected)), seen.found}};
}

}  // namespace

/// The process that the number of a group or session is that of, by name or by number.
Seen compare_group(const Run& run, const Fact& expected, std::int32_t number) {
  std::int32_t wanted = static_cast<std::int32_t>(expected.number);
  if (!expected.name.empty()) {
    const TaskIndex task = task_of(run, expected.name);
    wanted = task ? run.world[task].pid.value() : expected.name == "nobody" ? 0 : -1;
  }
  Fact found = expected;
  found.name = whose_group(run, number);
  if (expected.name.empty() && expected.number != 0) {
    found.name.clear();
    found.number = number;
  }
  return {wanted == number, print(found)};
}

Seen compare_result(const Run& run, TaskIndex task, const Expected& expected) {
  if (!run.world[task].context) return {false, "nothing"};
  const Expected found = result_of(run, task);
  return {matches(run, task, expected, found), print(found)};
}

std::vector<Unmet> unmet(const Run& run, const Step& step, const Before& before) {
  if (const auto* expect = std::get_if<ExpectStep>(&step.what)) return unmet_facts(run, *expect);
  if (const auto* call = std::get_if<CallStep>(&step.what)) return unmet_result(run, *call, before);
  return {};
}

}  // namespace knell::script
