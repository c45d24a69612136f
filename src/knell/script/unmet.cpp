/// Expectations, held against the World.

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "knell/script/look.hpp"
#include "knell/script/print.hpp"
#include "knell/script/run.hpp"

namespace knell::script {
namespace {

using Kind = Fact::Kind;

/// Whether a fact holds, and what is so instead, in the scenario's words.
struct Seen {
  bool holds = false;
  std::string found;
};

Seen compare(const Fact& expected, const Fact& found) {
  return {print(expected) == print(found), print(found)};
}

bool is_at(const Run& run, TaskIndex task, std::string_view name) {
  if (name == "nobody") return !task;
  const TaskIndex named = task_of(run, name);
  return named && task && run.world.leader(named) == run.world.leader(task);
}

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

Seen compare_result(const Run& run, TaskIndex task, const Expected& expected) {
  if (!run.world[task].context) return {false, "nothing"};
  const Expected found = result_of(run, task);
  return {matches(run, task, expected, found), print(found)};
}

class OfTask {
public:
  OfTask(const Run& run, TaskIndex task, const Named& named)
      : run_(run), world_(run.world), task_(task), group_(world_.signal_of(task)), named_(named) {}

  [[nodiscard]] Seen look(const Fact& fact) const {
    switch (fact.kind) {
      case Kind::runs:
      case Kind::in_call:
      case Kind::stopped:
      case Kind::traced:
      case Kind::zombie:
      case Kind::gone:
      case Kind::alive:
      case Kind::ending:
        return doing(fact);
      case Kind::pending:
      case Kind::own_pending:
      case Kind::shared_pending:
      case Kind::blocked:
      case Kind::ignored:
      case Kind::caught:
        return set(fact);
      case Kind::pid:
      case Kind::inner_pid:
      case Kind::queued:
      case Kind::frames:
      case Kind::threads:
        return number(fact);
      case Kind::handled:
      case Kind::told:
      case Kind::in_handler:
        return handlers(fact);
      default:
        return relation(fact);
    }
  }

private:
  [[nodiscard]] Seen doing(const Fact& fact) const {
    Fact found = doing_fact(world_, task_);
    const std::string text = print(found);
    const bool ended = found.kind == Kind::zombie || found.kind == Kind::gone;
    if (fact.kind == Kind::alive) return {!ended, text};
    if (fact.kind != found.kind) return {false, text};
    if (ended && fact.number < 0) return {true, text};
    if (fact.kind == Kind::stopped && fact.signal == Signal()) return {true, text};
    return compare(fact, found);
  }

  [[nodiscard]] Seen set(const Fact& fact) const {
    const SighandStruct& handlers = world_[world_[task_].sighand];
    Fact found{.kind = fact.kind};
    if (fact.kind == Kind::pending) found.set = pending(world_, task_);
    if (fact.kind == Kind::own_pending) found.set = world_[task_].pending.signal;
    if (fact.kind == Kind::shared_pending) found.set = group_.shared_pending.signal;
    if (fact.kind == Kind::blocked) found.set = world_[task_].blocked;
    if (fact.kind == Kind::ignored) found.set = handlers.ignored;
    if (fact.kind == Kind::caught) found.set = handlers.caught;
    return compare({.kind = fact.kind, .set = fact.set}, found);
  }

  [[nodiscard]] Seen number(const Fact& fact) const {
    Fact found{.kind = fact.kind, .signal = fact.signal};
    const auto put = [&](auto value) { found.number = static_cast<std::int64_t>(value); };
    if (fact.kind == Kind::pid) put(world_[task_].pid.value());
    if (fact.kind == Kind::inner_pid) put(kernel::task_pid_vnr(world_, task_).value());
    if (fact.kind == Kind::queued) put(queued(world_, task_, fact.signal));
    if (fact.kind == Kind::threads) put(group_.nr_threads);
    if (fact.kind == Kind::frames) put(context().frames.size());
    return {found.number == fact.number, print(found)};
  }

  [[nodiscard]] Seen handlers(const Fact& fact) const {
    if (fact.kind == Kind::told) return told(fact);
    if (fact.kind == Kind::in_handler) {
      if (context().frames.empty()) return {false, "in no handler"};
      const Fact found{.kind = fact.kind, .signal = context().frames.back().info.signal};
      return {found.signal == fact.signal, print(found)};
    }
    Fact found{.kind = fact.kind};
    for (const HandlerRun& ran : context().ran) found.signals.push_back(ran.info.signal);
    return {found.signals == fact.signals, print(found)};
  }

  /// What the last handler of that signal was told.
  [[nodiscard]] Seen told(const Fact& fact) const {
    const std::vector<HandlerRun>& ran = context().ran;
    const auto last = std::find_if(ran.rbegin(), ran.rend(), [&](const HandlerRun& each) {
      return each.info.signal == fact.signal;
    });
    if (last == ran.rend()) return {false, fmt::format("no handler of {} ran", fact.signal.name())};
    Fact found{.kind = fact.kind, .signal = fact.signal};
    if (!fact.name.empty()) found.name = sender_of(run_, task_, last->info);
    if (fact.value) found.value = last->info.value;
    return {found.name == fact.name && found.value == fact.value, print(found)};
  }

  [[nodiscard]] Seen relation(const Fact& fact) const {
    switch (fact.kind) {
      case Kind::parent:
        return task(fact, world_[task_].real_parent);
      case Kind::tracer:
        return task(fact, world_[task_].ptrace.traced ? world_[task_].parent : TaskIndex());
      case Kind::group:
        return compare_group(run_, fact, group_.pgrp.value());
      case Kind::session:
        return compare_group(run_, fact, group_.session.value());
      case Kind::reaped_by:
        if (!named_.reaped) return {false, "not reaped"};
        return task(fact, named_.reaper);
      case Kind::returned:
        return returned(fact);
      case Kind::user:
        return user(fact);
      case Kind::terminal:
        return terminal(fact);
      case Kind::descriptor:
        return descriptor(fact);
      default:
        return {group_.child_subreaper, group_.child_subreaper ? "subreaper" : "no subreaper"};
    }
  }

  [[nodiscard]] Seen task(const Fact& fact, TaskIndex other) const {
    const Fact found{.kind = fact.kind,
                     .name = name_of(run_, other ? world_.leader(other) : other)};
    return {is_at(run_, other, fact.name), print(found)};
  }

  [[nodiscard]] Seen returned(const Fact& fact) const {
    if (!fact.result) return {};
    Seen seen = compare_result(run_, task_, *fact.result);
    seen.found = "returned " + seen.found;
    return seen;
  }

  [[nodiscard]] Seen user(const Fact& fact) const {
    const Cred cred = world_[task_].cred ? world_[world_[task_].cred] : Cred();
    const Uid uid(static_cast<std::uint32_t>(fact.number));
    return {cred.uid == uid && cred.euid == uid && cred.suid == uid,
            fmt::format("uids {} {} {} (real, effective, saved)", cred.uid.value(),
                        cred.euid.value(), cred.suid.value())};
  }

  [[nodiscard]] Seen terminal(const Fact& fact) const {
    Fact found{.kind = fact.kind, .number = -1};
    if (group_.tty_struct) found.number = static_cast<std::int64_t>(group_.tty_struct.place());
    return {found.number == fact.number, print(found)};
  }

  [[nodiscard]] Seen descriptor(const Fact& fact) const {
    std::string all;
    bool open = false;
    if (world_[task_].files)
      for (const Descriptor& each : world_[world_[task_].files].fds) {
        all += fmt::format(" {}", each.fd);
        open = open || each.fd == fact.number;
      }
    return {open, all.empty() ? "nothing open" : "open" + all};
  }

  [[nodiscard]] const UserContext& context() const {
    static const UserContext none;
    return world_[task_].context ? world_[world_[task_].context] : none;
  }

  const Run& run_;
  const World& world_;
  TaskIndex task_;
  const SignalStruct& group_;
  const Named& named_;
};

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
  return OfTask(run, task, *named).look(fact);
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

std::vector<Unmet> unmet(const Run& run, const Step& step, const Before& before) {
  if (const auto* expect = std::get_if<ExpectStep>(&step.what)) return unmet_facts(run, *expect);
  if (const auto* call = std::get_if<CallStep>(&step.what)) return unmet_result(run, *call, before);
  return {};
}

}  // namespace knell::script
