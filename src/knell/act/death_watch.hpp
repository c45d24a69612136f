#pragma once

/// Waiting for many deaths at once: an epoll instance over pidfds.

#include <chrono>
#include <cstddef>
#include <vector>

#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"

namespace knell::act {

class DeathWatch {
public:
  [[nodiscard]] static Result<DeathWatch> open();

  /// Tells once when the pidfd's process has ended; `place` is what it tells.
  [[nodiscard]] Result<void> add(int pidfd, std::size_t place) const;
  /// Whatever can be read from `fd` ends a wait, too.
  [[nodiscard]] Result<void> add_interrupts(int fd) const;

  /// The places of those that ended since the last call; waits for the first, up to `longest`.
  [[nodiscard]] std::vector<std::size_t> wait(std::chrono::nanoseconds longest) const;

private:
  explicit DeathWatch(live::Fd epoll) : epoll_(std::move(epoll)) {}
  live::Fd epoll_;
};

}  // namespace knell::act
