#include "table.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <fmt/format.h>

namespace knell::bench {
namespace {

bool all_held = true;

double median(std::vector<double> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

}  // namespace

double milliseconds(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
      .count();
}

std::vector<double> in_turn(int rounds, const std::vector<std::function<double()>>& ways) {
  std::vector<std::vector<double>> times(ways.size());
  for (int round = 0; round <= rounds; ++round)
    for (std::size_t way = 0; way < ways.size(); ++way)
      if (const double time = ways[way](); round > 0) times[way].push_back(time);
  std::vector<double> medians;
  for (const std::vector<double>& of_one : times) medians.push_back(median(of_one));
  return medians;
}

Pair in_turn(int rounds, const std::function<double()>& ours,
             const std::function<double()>& theirs) {
  const std::vector<double> medians = in_turn(rounds, {ours, theirs});
  return {medians[0], medians[1]};
}

std::string ms(double value) {
  return fmt::format("{:.1f} ms", value);
}

void row(const std::string& what, const std::string& ours, const std::string& theirs,
         const std::string& comparison, const std::string& wanted, bool held) {
  all_held = all_held && held;
  fmt::print("| {} | {} | {} | {} | {} | {} |\n", what, ours, theirs, comparison, wanted,
             held ? "yes" : "NO");
  std::fflush(stdout);
}

bool all_rows_held() {
  return all_held;
}

}  // namespace knell::bench
