#pragma once

/// What came of it, and how that differs from what was foretold.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "knell/plan/forecast.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/wait_status.hpp"

namespace knell::plan {

enum class Fate : std::uint8_t {
  ended,          ///< while knell watched
  already_ended,  ///< before the first signal: a zombie, or gone since the plan
  survived,
  not_permitted,  ///< no signal could be sent to it, and it lives
  unknown,        ///< signalled, not waited for (--no-wait)
};

struct ProcessOutcome {
  ProcessId id;
  std::string name;
  Role role = Role::named;
  std::string tie;
  Fate fate = Fate::ended;
  std::optional<WaitStatus> status;    ///< where the kernel tells
  std::optional<Signal> last_signal;   ///< the last one sent to it
  std::chrono::microseconds took{0};   ///< from the first signal to its end
  bool zombie = false;                 ///< ended, but its parent has not waited for it
  std::optional<ProcessId> zombie_of;  ///< that parent
  std::string zombie_of_name;
  std::string why;  ///< of a survivor: what keeps it
};

struct Freed {
  enum class Source : std::uint8_t { none, cgroup, machine };
  Source source = Source::none;
  std::int64_t bytes = 0;  ///< more available than before; can be negative on a busy machine
  /// How long after the first signal the last of the large processes had given its memory back;
  /// none where none was large.
  std::optional<std::chrono::microseconds> after;
};

struct Outcome {
  std::vector<ProcessOutcome> processes;  ///< in the plan's order, those born meanwhile last
  Freed freed;
  std::chrono::microseconds took{0};
  bool waited = true;
  bool interrupted = false;  ///< a person stopped it
  /// They still grew in number when knell gave up looking, or the machine could not be read again:
  /// some may live that it never saw.
  bool may_have_missed = false;
  bool held_still = false;  ///< they grew in number, so all were stopped before they were ended
  std::vector<std::string> killed_groups;  ///< control groups that were killed as a whole: paths
  std::vector<Pid> killed_process_groups;  ///< likewise: those who made them
  std::vector<std::string> thawed_groups;  ///< of the v1 freezer, thawed so that they could die
  std::vector<ProcessId> released;         ///< whose memory process_mrelease(2) gave back
  unsigned rounds = 1;                     ///< how often the machine was read again for newcomers
};

/// A point in which reality was not what the plan said.
struct Unforeseen {
  ProcessId id;
  std::string name;
  std::string foretold;
  std::string came;
};

/// The exit statuses of `knell kill` (README, "Exit statuses").
enum class Exit : std::uint8_t {
  gone = 0,  ///< everything named is gone
  no_match = 1,
  usage = 2,
  survived = 3,
  not_permitted = 4,  ///< some could not be signalled for want of permission
};

struct Verdict {
  Outcome outcome;
  std::vector<std::size_t> survivors;  ///< places in outcome.processes
  std::vector<Unforeseen> unforeseen;
  Exit exit = Exit::gone;
};

/// `not_permitted` goes before `survived`: it says what to do about it.
[[nodiscard]] Verdict judge(const Forecast& forecast, Outcome outcome);

}  // namespace knell::plan
