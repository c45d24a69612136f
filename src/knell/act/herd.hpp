#pragma once

/// The processes to be ended: each held by a handle, watched, and accounted for.

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "knell/act/death_watch.hpp"
#include "knell/live/machine.hpp"
#include "knell/live/process_handle.hpp"
#include "knell/plan/forecast.hpp"
#include "knell/plan/verdict.hpp"

namespace knell::act {

using Clock = std::chrono::steady_clock;

struct Doomed {
  /// None: it had ended before the first signal, or (of one born meanwhile) could not be held.
  std::optional<live::ProcessHandle> handle;
  plan::ProcessOutcome outcome;  ///< its fate is settled by account()
  bool ended = false;
  std::optional<Error> refused;  ///< why the last signal did not reach it, or no handle could
  bool was_stopped = false;      ///< when it was planned: somebody else has stopped it
  bool starts_others = false;    ///< a child was born of it since it was planned
  bool held = false;             ///< was sent SIGSTOP, and not SIGCONT yet
  std::string immunity;          ///< why the plan said that no signal ends it; "" otherwise

  [[nodiscard]] bool lives() const { return handle && !ended; }
  /// Worth waiting for: what cannot be signalled may live for ever.
  [[nodiscard]] bool awaited() const { return lives() && !refused; }
  /// After SIGKILL or SIGSTOP was sent nothing is born of it any more: fork gives way to a pending
  /// signal (Linux: copy_process() in kernel/fork.c).
  [[nodiscard]] bool may_fork() const {
    return awaited() && !held && outcome.last_signal != signals::kKill;
  }
};

/// The places of the members in the order in which they are signalled: first those that were seen
/// to start others, so that these stay away; then parents before their children, for the same
/// reason. With `leaves_first` children before their parents. `members` has parents before their
/// children.
[[nodiscard]] std::vector<std::size_t> sending_order(std::span<const Doomed> members,
                                                     bool leaves_first);

class Herd {
public:
  /// Watches for deaths through `watch`; if it is null, nobody asks when they end.
  Herd(const live::Machine& machine, const DeathWatch* watch) : machine_(machine), watch_(watch) {}

  /// Takes a handle on each process of the plan that still lives. Signals nobody.
  [[nodiscard]] Result<void> hold(const plan::Forecast& forecast);
  /// Takes one that was born meanwhile: its place, or none if it is gone already.
  std::optional<std::size_t> adopt(ProcessId id, std::string name);

  /// To all who live, in their sending_order().
  void send(Signal signal);
  void send(Signal signal, std::size_t place);
  /// SIGSTOP, which no program can refuse: they fork no more, nor do they notice who is missing.
  void hold_still();
  void hold_still(std::size_t place);
  /// It has had a child since it was planned.
  void note_parent(ProcessId id);
  /// SIGCONT to whom this herd has stopped.
  void let_go();
  void note_ended(std::span<const std::size_t> places, Clock::time_point when);

  [[nodiscard]] std::vector<Doomed>& members() { return members_; }
  [[nodiscard]] const std::vector<Doomed>& members() const { return members_; }
  [[nodiscard]] const Doomed* find(ProcessId id) const;
  [[nodiscard]] std::size_t living() const { return living_; }
  [[nodiscard]] bool any_awaited() const { return living_ > living_refused_; }
  [[nodiscard]] bool any_may_fork() const;
  /// Whether a held one is still on its way to where it stops, as `now` shows it: a fork that had
  /// begun comes to its end first.
  [[nodiscard]] bool any_yet_to_stop(const World& now) const;
  /// Those that have ended but still have their numbers, as nobody has waited for them: zombies, of
  /// which no reading tells anything new. Ascending.
  [[nodiscard]] std::vector<Pid> unreaped() const;
  /// The highest descriptor that a handle has; -1 if there is none.
  [[nodiscard]] int highest_descriptor() const;
  [[nodiscard]] std::optional<Clock::time_point> first_signal() const { return first_signal_; }

private:
  Result<void> hold(Doomed& member, Inode pidfd, std::size_t place);
  void set_refused(Doomed& member, std::optional<Error> refused);

  const live::Machine& machine_;
  const DeathWatch* watch_;
  std::vector<Doomed> members_;  ///< in the plan's order, those born meanwhile last
  std::unordered_map<ProcessId, std::size_t> places_;
  bool leaves_first_ = false;
  std::size_t living_ = 0;
  std::size_t living_refused_ = 0;
  std::optional<Clock::time_point> first_signal_;
};

}  // namespace knell::act
