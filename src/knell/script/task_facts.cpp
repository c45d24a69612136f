/// Facts about tasks.

#include <algorithm>

#include <fmt/format.h>

#include "knell/script/look.hpp"
#include "knell/script/print.hpp"
#include "knell/script/seen.hpp"

namespace knell::script {
namespace {

using Kind = Fact::Kind;

Seen compare(const Fact& expected, const Fact& found) {
  return {print(expected) == print(found), print(found)};
}

bool is_at(const Run& run, TaskIndex task, std::string_view name) {
  if (name == "nobody") return !task;
  const TaskIndex named = task_of(run, name);
  return named && task && run.world.leader(named) == run.world.leader(task);
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

}  // namespace

Seen look_at_task(const Run& run, TaskIndex task, const Named& named, const Fact& fact) {
  return OfTask(run, task, named).look(fact);
}

}  // namespace knell::script
