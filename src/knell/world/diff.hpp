#pragma once

/// What is not as it was: two states of one machine, compared object by object.

#include <cstdint>
#include <vector>

#include "knell/world/world.hpp"

namespace knell {

/// An object of a World that another state of the same World has otherwise, or not at all. Objects
/// keep their places, so the place in its list says which one it is in both.
struct Change {
  enum class List : std::uint8_t {
    tasks,
    signals,
    sighands,
    mms,
    files,
    creds,
    pid_namespaces,
    contexts,
    open_files,
    pipes,
    ttys,
    held_locks,
    blocked_locks,
    robust_locks,
    semaphores,
    details,
    sockets,
    locks,
    units,
    rest,  ///< the clock, the queues of tasks that run and sleep, counts; `place` is 0
  };
  List list = List::tasks;
  std::uint32_t place = 0;
  bool made = false;  ///< it is new: only the later state has it
  bool operator==(const Change&) const = default;
};

/// The changes from `before` to `after`, list by list, ascending by place. Nothing: they are equal.
[[nodiscard]] std::vector<Change> diff(const World& before, const World& after);

}  // namespace knell
