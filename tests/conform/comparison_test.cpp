/// The comparison itself, with realities that are known to be right, and known to be wrong.

#include "knell/conform/comparison.hpp"

#include <algorithm>

#include "knell/conform/author.hpp"
#include "knell/conform/campaign.hpp"
#include "knell/conform/difference.hpp"
#include "scenes.hpp"

namespace knell::conform::test {
namespace {

/// Whatever order a World's tasks run in, it is one of the possible ones.
TEST(Comparison, FindsNoDifferenceBetweenAWorldAndItself) {
  std::uint64_t steps = 0;
  std::uint64_t explored = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const Realities realities = other_worlds(Author(seed).beginning(), ~seed);
    const Result<Compared> compared = compare_random(seed, 60, {}, realities);
    ASSERT_TRUE(compared) << compared.error().message();
    if (compared->judgement.undecided) continue;
    EXPECT_TRUE(compared->judgement.fits()) << report(*compared);
    steps += compared->script.steps.size();
    explored += compared->explored;
  }
  EXPECT_GT(steps, 15'000U);
  EXPECT_GT(explored, 10U) << "chance never took another order than the kernel's";
}

/// A Linux in which SIGUSR2 is never to be seen as blocked.
class Flawed : public OtherWorld {
public:
  using OtherWorld::OtherWorld;
  Result<Observation> rest() override {
    Observation seen = KNELL_TRY(OtherWorld::rest());
    for (TaskSeen& task : seen.tasks) task.blocked.remove(SigSet{signals::kUsr2});
    return seen;
  }
};

Realities flawed(const script::Script& script) {
  return [script]() -> Result<std::unique_ptr<Reality>> {
    return std::make_unique<Flawed>(script, 1);
  };
}

constexpr const char* kBlocks = R"(
init: fork -> job
init: fork -> other
job: sigaction TERM returns
init: kill job TERM
job: block USR2
other: exit_group 0
)";

TEST(Comparison, FindsTheStepAfterWhichTheyDiffer) {
  const script::Script script = scenario(kBlocks);
  const Result<Compared> compared = compare(script, flawed(script));
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->script.steps.size(), 5U);
  ASSERT_EQ(compared->judgement.differences.size(), 1U);
  EXPECT_EQ(compared->judgement.differences.front(), "2: blocked is {}, was foretold {USR2}");
}

TEST(Comparison, IsMadeShort) {
  const script::Script script = scenario(kBlocks);
  const Result<Compared> compared = compare(script, flawed(script));
  ASSERT_TRUE(compared);
  const Compared shortened = shortest(*compared, flawed(script));
  EXPECT_EQ(shortened.script.steps.size(), 2U) << report(shortened);
  EXPECT_FALSE(shortened.judgement.fits());
}

TEST(Comparison, ReportsAScriptThatCanBeReplayed) {
  const script::Script script = scenario(kBlocks);
  const Result<Compared> compared = compare(script, flawed(script));
  ASSERT_TRUE(compared);
  const script::Script again = scenario(report(*compared));
  EXPECT_EQ(again.steps, compared->script.steps);
  const Result<Compared> replayed = compare(again, flawed(again));
  ASSERT_TRUE(replayed);
  EXPECT_EQ(replayed->judgement.differences, compared->judgement.differences);
}

TEST(Comparison, LeavesOutWhatCannotBeDone) {
  const script::Script script = scenario(R"(
init: fork -> job
oom job
job: pause
job: pause
init: kill job TERM
)");
  const Result<Compared> compared = compare(script, other_worlds(script, 1));
  ASSERT_TRUE(compared);
  EXPECT_TRUE(compared->judgement.fits());
  EXPECT_EQ(compared->script.steps.size(), 3U);
  EXPECT_EQ(compared->skipped.size(), 2U);
}

/// A machine on which nobody comes to rest.
class Restless : public OtherWorld {
public:
  using OtherWorld::OtherWorld;
  Result<Observation> rest() override {
    if (rests_-- > 0) return OtherWorld::rest();
    return failure(ETIMEDOUT, "come to rest with", "pid 2");
  }

private:
  int rests_ = 2;
};

TEST(Comparison, CallsItADifferenceIfTheyDoNotComeToRest) {
  const script::Script script = scenario(kBlocks);
  const Result<Compared> compared = compare(script, [&]() -> Result<std::unique_ptr<Reality>> {
    return std::make_unique<Restless>(script, 1);
  });
  ASSERT_TRUE(compared);
  EXPECT_FALSE(compared->judgement.fits());
  EXPECT_EQ(compared->script.steps.size(), 2U);
}

TEST(Comparison, IsAnErrorWhereThereIsNoReality) {
  const Realities none = []() -> Result<std::unique_ptr<Reality>> {
    return failure(EPERM, "make", "a namespace");
  };
  EXPECT_FALSE(compare(scenario(kBlocks), none));
}

}  // namespace
}  // namespace knell::conform::test
