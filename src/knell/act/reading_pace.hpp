#pragma once

/// When to read the machine again for newcomers. With 10,000 processes a reading takes 100 ms, and
/// the machine has other work: ending what is to be ended.

#include <algorithm>
#include <chrono>

namespace knell::act {

class ReadingPace {
public:
  using Clock = std::chrono::steady_clock;

  /// Between two readings at least nine times as long as one takes: a tenth of the time at most.
  static constexpr int kRest = 9;
  static constexpr std::chrono::milliseconds kAfterSignals{5};  ///< most are dead by then
  static constexpr std::chrono::milliseconds kAfterDeaths{20};
  static constexpr std::chrono::milliseconds kQuiet{200};

  /// A step has begun: what was forked before its signals came is to be found soon.
  void signals_sent(Clock::time_point now) {
    last_ = now;
    next_ = now + kAfterSignals;
  }

  void deaths() { next_ = std::min(next_, last_ + std::max<Clock::duration>(kAfterDeaths, rest_)); }

  void reading(Clock::time_point from, Clock::time_point to) {
    last_ = to;
    rest_ = kRest * (to - from);
    next_ = to + std::max<Clock::duration>(kQuiet, rest_);
  }

  [[nodiscard]] Clock::time_point next() const { return next_; }

private:
  Clock::time_point last_;  ///< when something was last known
  Clock::duration rest_{};
  Clock::time_point next_;
};

}  // namespace knell::act
