#pragma once

/// A number that two Worlds share only if what will happen in them is the same.

#include <compare>
#include <cstdint>

#include "knell/world/world.hpp"

namespace knell::conform {

/// 128 bits, so that no two Worlds of a run ever have the same one by chance.
struct WorldHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const WorldHash&) const = default;
};

/// Of all that a script can make. What only a World read from a machine has (details, sockets,
/// units, …) does not count, nor does the order of the run queue: anybody in it may be next.
[[nodiscard]] WorldHash hash_of(const World& world);

}  // namespace knell::conform

template <>
struct std::hash<knell::conform::WorldHash> {
  std::size_t operator()(const knell::conform::WorldHash& of) const noexcept { return of.low; }
};
