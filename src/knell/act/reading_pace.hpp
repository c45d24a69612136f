#pragma once

/// When to read the machine again for newcomers. With 10,000 processes a reading takes 100 ms, and
/// the machine has other work: ending what is to be ended.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace knell::act {

class ReadingPace {
public:
  using Clock = std::chrono::steady_clock;

  /// Between two readings at least nine times as long as one takes: a tenth of the time at most.
  static constexpr int kRest = 9;
  static constexpr std::chrono::milliseconds kAfterSignals{5};  ///< most are dead by then
  static constexpr std::chrono::milliseconds kAfterDeaths{20};
  static constexpr std::chrono::milliseconds kQuiet{200};
  static constexpr std::chrono::microseconds kPerProcess{10};  ///< until one reading was timed

  explicit ReadingPace(std::size_t processes)
      : rest_(kRest * kPerProcess * static_cast<std::int64_t>(processes)) {}

  /// So long nothing urgent waits for a reading.
  [[nodiscard]] Clock::duration patience() const {
    return std::max<Clock::duration>(kQuiet, rest_);
  }

  /// A step has begun: what was forked before its signals came is to be found soon. Where nobody
  /// who is known can fork any more, there is time until they have ended.
  void signals_sent(Clock::time_point now, bool may_fork) {
    last_ = now;
    next_ = now + (may_fork ? kAfterSignals : patience());
    may_fork_ = may_fork;
  }

  void deaths() {
    if (may_fork_) next_ = std::min(next_, last_ + std::max<Clock::duration>(kAfterDeaths, rest_));
  }

  void reading(Clock::time_point from, Clock::time_point to) {
    last_ = to;
    rest_ = kRest * (to - from);
    next_ = to + patience();
  }

  [[nodiscard]] Clock::time_point next() const { return next_; }

private:
  Clock::time_point last_;  ///< when something was last known
  Clock::duration rest_;
  bool may_fork_ = true;
  Clock::time_point next_;
};

}  // namespace knell::act
