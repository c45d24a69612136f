#pragma once

/// Many random scenarios, on several processors.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "knell/conform/author.hpp"
#include "knell/conform/comparison.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

struct Campaign {
  std::uint64_t steps = 0;  ///< in all, at least
  std::uint64_t seed = 1;   ///< of the first scenario; each has the next
  std::uint64_t steps_per_script = 60;
  unsigned jobs = 1;               ///< processes that work on it
  std::string out = ".";           ///< where scripts that differ go
  unsigned most_differences = 10;  ///< then it ends
  Allowed allowed;
};

/// A random scenario in which Linux and the World differ.
struct Found {
  std::uint64_t seed = 0;
  std::string file;  ///< the shortest script that still differs
  bool operator==(const Found&) const = default;
};

struct Progress {
  std::uint64_t steps = 0;
  std::uint64_t scripts = 0;
  std::uint64_t explored = 0;   ///< steps after which other orders than the kernel's were tried
  std::uint64_t undecided = 0;  ///< scripts given up: too many orders to try them all
  std::vector<Found> found;
};

/// Works until so many steps are done or so many differences found. `told` hears of the progress
/// a few times a second. Error: the machine does not allow it, or a worker failed.
[[nodiscard]] Result<Progress> run(const Campaign& campaign,
                                   const std::function<void(const Progress&)>& told);

/// One random scenario; `seed` makes it what it is.
[[nodiscard]] Result<Compared> compare_random(std::uint64_t seed, std::uint64_t steps,
                                              Allowed allowed, const Realities& realities);

}  // namespace knell::conform
