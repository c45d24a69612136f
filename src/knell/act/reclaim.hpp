#pragma once

/// Memory back before the process has ended: process_mrelease(2).
///
/// A process that was sent SIGKILL gives its memory back itself, and may be long about it: where it
/// gets little of a processor, where it is frozen, and as one thread does it all. A second thread,
/// ours, does it meanwhile (Linux 5.15, mm/oom_kill.c). It must begin before the process comes to
/// exit_mm(), some 30 µs after the signal, or it gets ESRCH and is of no use: so it is started
/// before the signal and asks without a pause, with EINVAL for an answer until the SIGKILL is
/// there.

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "knell/act/herd.hpp"
#include "knell/plan/forecast.hpp"

namespace knell::act {

class Reclaim {
public:
  /// Those of the plan that have so much memory of their own are worth it.
  static constexpr std::uint64_t kWorth = std::uint64_t{64} << 20;

  /// Readies a thread for the largest of them. None is started where nobody is worth it, and where
  /// no thread is to be had nothing else comes of it.
  Reclaim(const Herd& herd, const plan::Forecast& forecast);
  Reclaim(const Reclaim&) = delete;
  Reclaim& operator=(const Reclaim&) = delete;
  /// Does not wait: the kernel may keep the thread for as long as the victim holds its memory's
  /// lock.
  ~Reclaim();

  /// SIGKILL was sent to all who can be sent it.
  void go();
  /// When all the memory of the one at this place was given back; none: not by this, or not yet.
  [[nodiscard]] std::optional<Clock::time_point> released(std::size_t place) const;
  [[nodiscard]] bool has_victims() const { return state_ != nullptr; }
  /// The places in the herd of those it is for.
  [[nodiscard]] std::vector<std::size_t> victims() const;

private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace knell::act
