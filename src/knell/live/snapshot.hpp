#pragma once

/// From Readings to a World: one thread, one pass, no files.

#include <string>
#include <vector>

#include "knell/live/reading.hpp"
#include "knell/world/error.hpp"
#include "knell/world/world.hpp"

namespace knell::live {

/// A World of these readings but for those with an error, whose parents are linked where they are
/// among them. Preconditions: ascending by pid. What is in the readings is moved out of them.
/// `own_pid_ns` is the reader's pid namespace.
[[nodiscard]] World world_of(Readings& readings, NamespaceId own_pid_ns);

/// Brings what a later reading says into a World that has the process already.
void merge(World& world, TaskIndex leader, Reading&& reading);

/// The error of a reading whose reader had run out of descriptors or memory, if there is one: then
/// the others are no picture of the machine.
[[nodiscard]] Result<void> check_exhaustion(const Readings& readings);

/// Adds to World::unread, one entry a kind. `count` 0: nobody knows of how many.
void note_unread(World& world, const std::string& what, int number, std::uint32_t count);

/// CLOCK_BOOTTIME in the ticks of StartTime.
[[nodiscard]] StartTime boot_time_now(std::uint64_t ticks_per_second);

}  // namespace knell::live
