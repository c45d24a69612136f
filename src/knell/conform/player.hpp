#pragma once

/// A puppet as the stage knows it.

#include <optional>

#include "knell/conform/handlers_told.hpp"
#include "knell/conform/observation.hpp"
#include "knell/conform/proc_task.hpp"
#include "knell/conform/shared.hpp"

namespace knell::conform {

struct Player {
  Player(int proc, Pid number, std::size_t place, const Slot& its)
      : pid(number), slot(place), stack(its.stack), files(proc, number) {}

  Pid pid;
  std::size_t slot;
  std::uint32_t stack;
  std::uint32_t programs = 0;  ///< how many it had begun when it was last seen at rest
  ProcTask files;
  std::optional<Ran> ran;        ///< when last asked
  Look look;                     ///< the last
  std::optional<Asleep> asleep;  ///< where, when last asked
  bool over = false;             ///< a zombie off its processor: nothing it does is to come
  HandlersTold handlers;
};

/// What it is in, as its program knows.
[[nodiscard]] inline Sys call_of(const Slot& slot) {
  return static_cast<Sys>(slot.in_call.load());
}

/// Of one at rest: all that can be seen of it.
[[nodiscard]] Result<TaskSeen> see(Player& player, const Shared& shared);

}  // namespace knell::conform
