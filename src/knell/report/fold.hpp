#pragma once

/// Which lines of a large plan are worth a person's reading.
///
/// Ten thousand workers that meet the same end are one fact. Two subtrees are alike if their
/// processes have the same names, effects and notes, in the same places. Of siblings that are alike
/// the first is shown, and a line that counts the others stands for them. What is then still more
/// than a screen or two is left out at the end, and counted too: no process is in no count.

#include <cstddef>
#include <string>
#include <vector>

#include "knell/plan/forecast.hpp"

namespace knell::report {

struct TreeLine {
  enum class Kind : std::uint8_t {
    process,
    alike,  ///< `count` more like `process`, each with what is below it
    rest,   ///< `count` more processes
  };
  Kind kind = Kind::process;
  std::size_t process = 0;  ///< its place in Forecast::processes
  std::size_t depth = 0;
  std::size_t count = 0;
  std::size_t below = 0;  ///< descendants of each (alike)
};

inline constexpr std::size_t kMostLines = 40;

/// Folds if there are more than `most` processes (at least 1). `looks` has, for each process of the
/// forecast, what its line will say beside its number. Linear in the number of processes, but for
/// the sorting of what is looked up.
[[nodiscard]] std::vector<TreeLine> fold(const plan::Forecast& forecast,
                                         const std::vector<std::string>& looks, std::size_t most);

}  // namespace knell::report
