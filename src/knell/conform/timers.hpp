#pragma once

/// The scenario's time. It passes only where a scenario says so; real timers run on meanwhile. So
/// as many milliseconds really pass as the scenario says, and it is watched that no timer fires
/// which has to wait for a time that the scenario has not come to.

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "knell/conform/company.hpp"
#include "knell/world/call.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

class Timers {
public:
  using Clock = std::chrono::steady_clock;

  /// `actor` is about to make the call: if it sets a timer, or unsets one, that is noted.
  void about_to_call(const Player& actor, const Call& call);
  /// Everybody is at rest: what was set by now is set. Error: a timer has fired too early, or may
  /// have: the machine was too slow for this scenario, which proves nothing.
  [[nodiscard]] Result<void> at_rest(Company& company);
  /// That much of the scenario's time passes, and as much of the real.
  void pass(std::chrono::milliseconds time);

private:
  struct Timer {
    Pid owner;                                  ///< a process; of nanosleep a thread
    Sys set_by;                                 ///< nanosleep, or setitimer for both others
    std::chrono::milliseconds first, interval;  ///< interval 0: it fires once
    std::chrono::milliseconds set_at;           ///< in the scenario's time
    Clock::time_point not_before, not_after;    ///< when it was really set
  };
  void replace(Pid owner);
  [[nodiscard]] std::chrono::milliseconds fired(const Timer& timer) const;
  [[nodiscard]] std::chrono::milliseconds next(const Timer& timer) const;
  [[nodiscard]] bool is_ahead(const Timer& timer, Clock::time_point now) const;
  [[nodiscard]] bool tells_otherwise(const Timer& timer, Clock::time_point now) const;

  std::vector<Timer> timers_;
  std::optional<Timer> replaced_;  ///< by the call that is being made
  bool told_left_ = false;         ///< which tells how much time was left of it (alarm(2))
  std::chrono::milliseconds now_{0};
};

}  // namespace knell::conform
