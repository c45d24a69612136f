#pragma once

/// The steps of a plan, one after the other, until nobody is left of the family.
///
/// A step is sent to all who live; then their deaths are awaited. Whoever was born of them
/// meanwhile is found by reading the machine again, gets the signal of the step under way, and is
/// one of them from then on. It is over when all have ended and two readings in a row, begun when
/// nobody could fork any more, found nobody new.
///
/// A family that was seen to grow, and is to be ended by SIGKILL at the latest, is held still
/// first: all get SIGSTOP, and whoever is found meanwhile, until two readings find nobody new. So
/// none is born while others die, none notices that another is missing, and each is found while its
/// parent lives.

#include <optional>
#include <string>
#include <vector>

#include "knell/act/death_watch.hpp"
#include "knell/act/ending.hpp"
#include "knell/act/herd.hpp"
#include "knell/act/interrupts.hpp"
#include "knell/act/newcomers.hpp"
#include "knell/act/owned_groups.hpp"
#include "knell/act/reading_pace.hpp"
#include "knell/act/reclaim.hpp"

namespace knell::act {

class Escalation {
public:
  struct Means {
    const live::Machine& machine;
    const plan::Forecast& forecast;
    const Settings& settings;
    Observer* observer;
    const DeathWatch& watch;
    const Interrupts& interrupts;
  };

  Escalation(const Means& means, Herd& herd);
  void run();

  [[nodiscard]] unsigned rounds() const { return rounds_; }
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  /// Whether it gave up looking while there could still be some whom nobody has seen.
  [[nodiscard]] bool may_have_missed() const { return may_have_missed_; }
  /// Whether it was held still, and the control groups that were killed and thawed as a whole.
  [[nodiscard]] bool held_still() const { return held_; }
  [[nodiscard]] const std::vector<std::string>& killed_groups() const { return killed_groups_; }
  /// The process groups that were killed as a whole, by who made them.
  [[nodiscard]] const std::vector<Pid>& killed_process_groups() const {
    return killed_process_groups_;
  }
  [[nodiscard]] const std::vector<std::string>& thawed_groups() const { return thawed_groups_; }
  /// Those whose memory process_mrelease(2) gave back.
  [[nodiscard]] std::vector<ProcessId> released() const;
  /// How long after the first signal the last of the large ones had given back its memory; none
  /// where there were none, or one has not.
  [[nodiscard]] std::optional<std::chrono::microseconds> memory_back() const;

private:
  void begin_step(std::size_t step);
  void hold_still(bool in_mid_step);
  void hold_in_mid_step();
  void learn_images();
  void kill();
  void kill_process_groups();
  void hasten_the_large();
  void wait_out_step();
  /// Reads the machine and takes in whoever is new. True if somebody was.
  bool look_for_newcomers();
  void take_in(const World& now, const std::vector<TaskIndex>& found);
  [[nodiscard]] bool settled() const;
  [[nodiscard]] bool is_quiet() const;
  [[nodiscard]] bool may_look() const;
  [[nodiscard]] bool may_hold() const;
  void wait_for_deaths(Clock::time_point until);
  void tell_progress();
  [[nodiscard]] bool at_last_step() const { return step_ + 1 == means_.forecast.steps.size(); }
  [[nodiscard]] Signal signal() const { return means_.forecast.steps[step_].signal; }
  [[nodiscard]] std::chrono::milliseconds patience() const;

  Means means_;
  Herd& herd_;
  Family family_;
  ReadingPace pace_;
  std::size_t step_ = 0;
  Clock::time_point deadline_;
  Clock::time_point next_tell_;
  unsigned rounds_ = 0;
  std::vector<std::string> killed_groups_;
  std::vector<Pid> killed_process_groups_;
  std::vector<std::size_t> owned_process_groups_;
  std::vector<std::string> thawed_groups_;
  std::optional<Reclaim> reclaim_;
  bool grows_ = false;    ///< somebody was born of them since the plan
  bool holding_ = false;  ///< newcomers are stopped
  bool held_ = false;
  bool in_mid_step_ = false;  ///< the signal of the step was sent before they were held still
  bool step_was_held_ = false;
  /// Readings in a row that found nobody, and could not have missed one as its parent could fork.
  unsigned quiet_ = 0;
  bool sure_ = false;  ///< during the last of them nobody at all was born on the machine
  bool interrupted_ = false;
  bool may_have_missed_ = false;
  bool blind_ = false;  ///< the machine could not be read
};

}  // namespace knell::act
