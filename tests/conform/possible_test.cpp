/// Possible worlds: every order in which Linux may let tasks run, and no other.

#include "knell/conform/possible.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "scenes.hpp"

namespace knell::conform::test {
namespace {

constexpr auto kNewest = kernel::kNewest;

/// The World right after the step's call, with everybody that it woke still to run.
World performed(script::Run run, const script::Step& step) {
  const Result<script::Action> action = script::resolve(run, step);
  if (!action) ADD_FAILURE() << action.error().message();
  for (UserContext& context : run.world.contexts) context.ran.clear();
  kernel::Kernel kernel(run.world);
  script::perform(kernel, *action);
  return run.world;
}

/// Who was told of by the handlers that ran in `name`, in order: once for each outcome.
std::multiset<std::vector<int>> told(const script::Run& run, const script::Step& step,
                                     std::string_view name) {
  std::multiset<std::vector<int>> all;
  const TaskIndex who = script::task_of(run, name);
  EXPECT_TRUE(for_each_outcome(performed(run, step), kNewest, {}, [&](World world) {
    std::vector<int> pids;
    for (const HandlerRun& ran : world.context_of(who).ran) pids.push_back(ran.info.pid.value());
    all.insert(pids);
  }));
  return all;
}

constexpr const char* kTwoChildren = R"(
init: fork -> parent
parent: sigaction CHLD returns
parent: fork -> one
parent: fork -> two
one: setpgid 0 0
two: setpgid 0 one
)";

/// signal(7): standard signals do not queue. Whichever child is first is told of; the second only
/// if the parent's handler has begun by then.
TEST(PossibleWorlds, TwoChildrenThatDieAtOnceAreToldOfInEveryWay) {
  const script::Run run = after(kTwoChildren);
  const script::Step step = *script::parse_step("parent: kill -one KILL");
  const int one = run.world[script::task_of(run, "one")].pid.value();
  const int two = run.world[script::task_of(run, "two")].pid.value();
  const std::multiset<std::vector<int>> all = told(run, step, "parent");
  const std::set<std::vector<int>> ways(all.begin(), all.end());
  EXPECT_EQ(ways, (std::set<std::vector<int>>{{one}, {two}, {one, two}, {two, one}}));
}

TEST(PossibleWorlds, TheFirstOutcomeIsThatOfTheKernelsOwnOrder) {
  const script::Run run = after(kTwoChildren);
  const script::Step step = *script::parse_step("parent: kill -one KILL");
  std::vector<World> all;
  for_each_outcome(performed(run, step), kNewest, {},
                   [&](World world) { all.push_back(std::move(world)); });
  World own = performed(run, step);
  kernel::Kernel kernel(own);
  kernel::run_to_rest(kernel);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front(), own);
}

TEST(PossibleWorlds, OneThatNobodyCanInterruptHasOneOutcome) {
  const script::Run run = after("init: fork -> job");
  const script::Step step = *script::parse_step("init: kill job STOP");
  std::size_t outcomes = 0;
  EXPECT_TRUE(
      for_each_outcome(performed(run, step), kNewest, {}, [&](const World&) { ++outcomes; }));
  EXPECT_EQ(outcomes, 1U);
}

TEST(PossibleWorlds, SaysSoIfTheBoundsLeaveOutOrders) {
  const script::Run run = after(kTwoChildren);
  const script::Step step = *script::parse_step("parent: kill -one KILL");
  EXPECT_FALSE(for_each_outcome(performed(run, step), kNewest, {.worlds = 1}, [](const World&) {}));
}

/// kernel/exit.c: exit_notify lets the tracees go on, and only then tells the parent. A tracee that
/// is the parent may have taken an earlier signal of that number by then; otherwise they merge.
TEST(PossibleWorlds, AParentThatItsChildTracedMayGoOnBeforeItIsTold) {
  const script::Run run = after(R"(
init: fork -> boss
boss: sigaction USR1 returns
boss: clone exit=USR1 -> tracer
tracer: ptrace seize boss
tracer: ptrace interrupt boss
tracer: kill boss USR1
)");
  const script::Step step = *script::parse_step("init: kill tracer KILL");
  const int tracer = run.world[script::task_of(run, "tracer")].pid.value();
  const std::multiset<std::vector<int>> all = told(run, step, "boss");
  const std::set<std::vector<int>> ways(all.begin(), all.end());
  EXPECT_EQ(ways, (std::set<std::vector<int>>{{tracer}, {tracer, tracer}}));
}

/// The orders of the first step look the same; which one it was shows only later, when the zombies
/// are waited for by nobody but init, one by one.
TEST(PossibleWorlds, RemembersWhatCouldHaveBeen) {
  const script::Script script = scenario(std::string(kTwoChildren) + R"(
parent: block CHLD
parent: kill -one KILL
parent: sigwait CHLD
)");
  std::set<int> seen;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Result<Compared> compared = compare(script, other_worlds(script, seed));
    ASSERT_TRUE(compared) << compared.error().message();
    EXPECT_TRUE(compared->judgement.fits()) << compared->judgement.differences.front();
    seen.insert(static_cast<int>(compared->explored));
  }
  EXPECT_EQ(seen, (std::set<int>{0, 1})) << "both orders have to have come";
}

}  // namespace
}  // namespace knell::conform::test
