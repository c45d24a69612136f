#pragma once

/// The rows of the table in bench/README.md, and how its figures are taken.

#include <functional>
#include <string>
#include <vector>

namespace knell::bench {

struct Pair {
  double ours;
  double theirs;
};

/// The median of each, measured in turn, so that a machine that changes its speed does it to both.
/// The first round does not count.
[[nodiscard]] Pair in_turn(int rounds, const std::function<double()>& ours,
                           const std::function<double()>& theirs);

/// The same of more than two.
[[nodiscard]] std::vector<double> in_turn(int rounds,
                                          const std::vector<std::function<double()>>& ways);

[[nodiscard]] double milliseconds(const std::function<void()>& work);
[[nodiscard]] std::string ms(double value);

/// Prints a row; remembers whether all did what is wanted of them.
void row(const std::string& what, const std::string& ours, const std::string& theirs,
         const std::string& comparison, const std::string& wanted, bool held);
[[nodiscard]] bool all_rows_held();

}  // namespace knell::bench
