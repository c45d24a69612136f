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

Pair in_turn(int rounds, const std::function<double()>& ours,
             const std::function<double()>& theirs) {
  std::vector<double> a;
  std::vector<double> b;
  for (int round = 0; round <= rounds; ++round) {
    const double mine = ours();
    const double other = theirs();
    if (round == 0) continue;
    a.push_back(mine);
    b.push_back(other);
  }
  return {median(a), median(b)};
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
