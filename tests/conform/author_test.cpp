/// The author: the same scenario for the same seed, and only steps that can be taken.

#include "knell/conform/author.hpp"

#include <map>

#include "knell/script/print.hpp"
#include "scenes.hpp"

namespace knell::conform::test {
namespace {

constexpr std::uint64_t kSeeds = 300;
constexpr int kSteps = 60;

/// What an author writes if the World is all there is.
script::Script written(std::uint64_t seed) {
  Author author(seed);
  script::Script script = author.beginning();
  script::Run run = script::start(script);
  for (int i = 0; i < kSteps; ++i) {
    std::optional<script::Step> step = author.next(run);
    if (!step) break;
    const Result<script::StepResult> done = script::step(run, *step);
    EXPECT_TRUE(done) << "seed " << seed << ": " << done.error().message();
    script.steps.push_back(std::move(*step));
  }
  return script;
}

TEST(Author, WritesTheSameForTheSameSeed) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) EXPECT_EQ(written(seed), written(seed));
  EXPECT_NE(written(1), written(2));
}

TEST(Author, WritesWhatCanBeReadAgain) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const script::Script script = written(seed);
    const Result<script::Script> again = script::parse(script::print(script));
    ASSERT_TRUE(again) << again.error().message() << "\n" << script::print(script);
    EXPECT_EQ(*again, script);
  }
}

/// Its init is there to the end, and mostly somebody can still act.
TEST(Author, KeepsInitAndSomebodyWhoCanAct) {
  std::uint64_t steps = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) steps += written(seed).steps.size();
  EXPECT_GT(steps, kSeeds * kSteps * 8 / 10);
}

/// A call that nobody ever makes is compared with nothing.
TEST(Author, MakesEveryCall) {
  std::map<Sys, int> made;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    for (const script::Step& step : written(seed).steps)
      if (const auto* call = std::get_if<script::CallStep>(&step.what)) ++made[call->nr];
  for (int nr = 1; nr <= static_cast<int>(Sys::fault); ++nr)
    EXPECT_GT(made[static_cast<Sys>(nr)], 0) << name_of(static_cast<Sys>(nr));
}

TEST(Author, LeavesUsersAloneWhereThereAreNone) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Author author(seed, {.users = false});
    script::Run run = script::start(author.beginning());
    for (int i = 0; i < kSteps; ++i) {
      const std::optional<script::Step> step = author.next(run);
      if (!step || !script::step(run, *step)) break;
      const auto* call = std::get_if<script::CallStep>(&step->what);
      EXPECT_FALSE(call != nullptr && call->nr == Sys::setresuid);
    }
  }
}

}  // namespace
}  // namespace knell::conform::test
