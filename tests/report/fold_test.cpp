#include "knell/report/fold.hpp"

#include <rapidcheck.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "samples.hpp"

namespace knell::report {
namespace {

using namespace knell::samples;
using Kind = TreeLine::Kind;

/// A process for each depth; a depth may be at most one more than the one before.
plan::Forecast of_depths(const std::vector<std::size_t>& depths) {
  plan::Forecast forecast;
  for (std::size_t depth : depths) {
    plan::ProcessForecast made = process(static_cast<int>(forecast.processes.size()) + 1, "", {});
    made.depth = depth;
    forecast.processes.push_back(made);
  }
  return forecast;
}

std::string described(const std::vector<TreeLine>& lines) {
  std::string text;
  for (const TreeLine& line : lines) {
    if (line.kind == Kind::process) text.append(std::to_string(line.process));
    if (line.kind == Kind::alike)
      text.append("+")
          .append(std::to_string(line.count))
          .append("*")
          .append(std::to_string(line.below + 1));
    if (line.kind == Kind::rest) text.append("rest ").append(std::to_string(line.count));
    text += " ";
  }
  return text;
}

TEST(Fold, LeavesAPlanAloneThatIsNotTooLong) {
  const plan::Forecast forecast = of_depths({0, 1, 1, 1, 1});
  EXPECT_EQ(described(fold(forecast, std::vector<std::string>(5, "x"), 5)), "0 1 2 3 4 ");
}

TEST(Fold, CountsSiblingsThatAreAlikeAfterTheFirst) {
  const plan::Forecast forecast = of_depths({0, 1, 1, 1, 1});
  EXPECT_EQ(described(fold(forecast, std::vector<std::string>(5, "x"), 4)), "0 1 +3*1 ");
}

TEST(Fold, CountsSiblingsThatAreNotSideBySide) {
  const plan::Forecast forecast = of_depths({0, 1, 1, 1, 1});
  EXPECT_EQ(described(fold(forecast, {"x", "a", "b", "a", "a"}, 4)), "0 1 +2*1 2 ");
}

TEST(Fold, CountsNoneWhereThatSavesNoLine) {
  const plan::Forecast forecast = of_depths({0, 1, 1, 1, 1, 1});
  EXPECT_EQ(described(fold(forecast, {"x", "a", "a", "b", "b", "b"}, 5)), "0 1 2 3 +2*1 ");
}

TEST(Fold, CountsOneTreeThatIsLikeAnother) {
  const plan::Forecast forecast = of_depths({0, 1, 2, 1, 2});
  EXPECT_EQ(described(fold(forecast, std::vector<std::string>(5, "x"), 4)), "0 1 2 +1*2 ");
}

TEST(Fold, CountsTheRestOfWhatIsStillTooLong) {
  const plan::Forecast forecast = of_depths({0, 1, 1, 1});
  EXPECT_EQ(described(fold(forecast, {"x", "a", "b", "c"}, 3)), "0 1 rest 2 ");
}

TEST(Fold, TakesTreesForAlikeOnlyIfAllOfThemIs) {
  const plan::Forecast forecast = of_depths({0, 1, 0, 1, 0, 1, 0, 1});
  EXPECT_EQ(described(fold(forecast, {"a", "b", "a", "b", "a", "b", "a", "c"}, 7)),
            "0 1 +2*2 6 7 ");
}

TEST(Fold, LosesNoProcess) {
  EXPECT_TRUE(rc::check("what is shown and what is counted are all there are", [] {
    std::vector<std::size_t> depths;
    std::vector<std::string> looks;
    const int count = *rc::gen::inRange(0, 200);
    for (int i = 0; i < count; ++i) {
      depths.push_back(i == 0 ? 0 : *rc::gen::inRange<std::size_t>(0, depths.back() + 2));
      looks.push_back(*rc::gen::element<std::string>("a", "b"));
    }
    const std::size_t most = *rc::gen::inRange<std::size_t>(1, 60);
    const std::vector<TreeLine> lines = fold(of_depths(depths), looks, most);
    RC_ASSERT(lines.size() <= most);
    std::size_t sum = 0;
    for (const TreeLine& line : lines) {
      if (line.kind == Kind::process) sum += 1;
      if (line.kind == Kind::alike) sum += line.count * (line.below + 1);
      if (line.kind == Kind::rest) sum += line.count;
    }
    RC_ASSERT(sum == static_cast<std::size_t>(count));
  }));
}

}  // namespace
}  // namespace knell::report
