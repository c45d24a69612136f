#pragma once

/// What a puppet's handlers noted in its slot, taken out of it step by step.

#include <cstdint>
#include <vector>

#include "knell/conform/shared.hpp"
#include "knell/world/context.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

class HandlersTold {
public:
  /// Those that began since the last time, in their order. One that was stopped before it had noted
  /// everything has not begun: it comes when it has. Error: there were more than the slot keeps.
  [[nodiscard]] Result<std::vector<HandlerRun>> take(const Slot& slot);
  /// In how many of them the task is.
  [[nodiscard]] std::uint32_t frames(const Slot& slot) const {
    return began_ - (slot.left - left_before_);
  }
  /// The task runs another program, which is in none.
  void forget_frames(const Slot& slot);

private:
  std::vector<std::uint32_t> unfinished_;  ///< serials of those that had not noted everything
  std::uint32_t seen_ = 0;                 ///< the last serial that was looked at
  std::uint32_t began_ = 0;
  std::uint32_t left_before_ = 0;
};

}  // namespace knell::conform
