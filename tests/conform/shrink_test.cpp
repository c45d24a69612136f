#include "knell/conform/shrink.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace knell::conform {
namespace {

/// A step that is recognised by how long it lets pass.
script::Step step(std::uint64_t number) {
  return {.what = script::PassStep{.milliseconds = number}};
}

bool has(const script::Script& script, std::uint64_t number) {
  return std::ranges::find(script.steps, step(number)) != script.steps.end();
}

script::Script steps_to(std::uint64_t last) {
  script::Script script;
  for (std::uint64_t i = 1; i <= last; ++i) script.steps.push_back(step(i));
  return script;
}

TEST(Shrink, KeepsTheStepsThatAreNeededTogether) {
  const Fails fails = [](const script::Script& script) -> std::optional<script::Script> {
    if (has(script, 7) && has(script, 31) && has(script, 60)) return script;
    return std::nullopt;
  };
  const script::Script expected{.steps = {step(7), step(31), step(60)}};
  EXPECT_EQ(shrink(steps_to(60), fails), expected);
}

/// Step 50 is possible only behind step 2, and is what fails; what comes behind it was not taken.
TEST(Shrink, GoesOnWithWhatWasTaken) {
  const Fails fails = [](const script::Script& script) -> std::optional<script::Script> {
    script::Script taken;
    for (const script::Step& each : script.steps) {
      if (each == step(50) && !has(taken, 2)) continue;
      taken.steps.push_back(each);
      if (each == step(50)) return taken;
    }
    return std::nullopt;
  };
  EXPECT_EQ(shrink(steps_to(60), fails), (script::Script{.steps = {step(2), step(50)}}));
}

TEST(Shrink, KeepsAllWhereAllIsNeeded) {
  const Fails fails = [](const script::Script& script) -> std::optional<script::Script> {
    if (script.steps.size() == 9) return script;
    return std::nullopt;
  };
  EXPECT_EQ(shrink(steps_to(9), fails), steps_to(9));
}

TEST(Shrink, StopsAfterSoManyTries) {
  std::size_t tried = 0;
  const Fails fails = [&](const script::Script&) -> std::optional<script::Script> {
    ++tried;
    return std::nullopt;
  };
  EXPECT_EQ(shrink(steps_to(60), fails, 10), steps_to(60));
  EXPECT_EQ(tried, 10U);
}

TEST(Shrink, LeavesAnEmptyScriptEmpty) {
  const Fails fails = [](const script::Script& script) -> std::optional<script::Script> {
    return script;
  };
  EXPECT_EQ(shrink(script::Script{}, fails), script::Script{});
}

}  // namespace
}  // namespace knell::conform
