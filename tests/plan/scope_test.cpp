/// Which processes a kill reaches, and which it must never take for descendants.

#include <rapidcheck.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "builder.hpp"

namespace knell::test {
namespace {

const plan::Member* member(const plan::Scope& scope, TaskIndex task) {
  for (const plan::Member& each : scope.members)
    if (each.task == task) return &each;
  return nullptr;
}

TEST(Scope, IsTheNamedOneAndAllBelow) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex child = desk.process(201, top, 200, 50);
  const TaskIndex grandchild = desk.process(202, child, 202, 202);
  const TaskIndex neighbour = desk.process(203, desk.shell, 203, 50);
  const plan::Scope scope = desk.scope(top);
  EXPECT_TRUE(scope.has(grandchild));
  EXPECT_FALSE(scope.has(neighbour));
  EXPECT_EQ(member(scope, child)->role, plan::Role::descendant);
}

TEST(Scope, NeverEntersTheProtected) {
  Desk desk;
  const plan::Scope scope = plan::scope_of(desk.world, {desk.init}, {desk.shell});
  plan::Scope whole = scope;
  plan::add_descendants(desk.world, whole);
  EXPECT_FALSE(whole.has(desk.shell));
}

TEST(Tie, ASessionOfTheTreesOwn) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 200);  // setsid
  const TaskIndex stray = desk.process(202, desk.init, 201, 200);
  const plan::Scope scope = desk.scope(top);
  ASSERT_TRUE(scope.has(stray));
  EXPECT_EQ(member(scope, stray)->role, plan::Role::tied);
  EXPECT_NE(member(scope, stray)->tie.find("session 200"), std::string::npos);
}

TEST(Tie, ASessionMadeBelowByOneThatIsGone) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  desk.process(202, top, 201, 201);  // of session 201, whose leader has ended
  const TaskIndex stray = desk.process(203, desk.init, 201, 201);
  EXPECT_TRUE(desk.scope(top).has(stray));
}

TEST(Tie, TheImageOfOneThatCalledExecve) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex below = desk.process(201, top, 200, 50);
  const TaskIndex stray = desk.process(202, desk.init, 202, 202);
  const TaskIndex strays_child = desk.process(203, stray, 202, 202);
  const TaskIndex other = desk.process(204, desk.init, 204, 204);
  const TaskIndex runs_anew = desk.process(205, desk.init, 205, 205);
  desk.image(top, "top", false);
  desk.image(below, "below", false);
  desk.image(stray, "below", true);
  desk.image(other, "other", true);
  desk.image(runs_anew, "top", false);
  const plan::Scope scope = desk.scope(top);
  ASSERT_TRUE(scope.has(stray));
  EXPECT_NE(member(scope, stray)->tie.find("memory image of 201"), std::string::npos);
  EXPECT_TRUE(scope.has(strays_child));
  EXPECT_FALSE(scope.has(other));
  EXPECT_FALSE(scope.has(runs_anew));
}

/// The workers of a server that forks before it has work: one's end is not the other's.
TEST(Tie, NotAnImageThatIsAnOlderOnes) {
  Desk desk;
  const TaskIndex worker = desk.process(200, desk.init, 200, 200);
  const TaskIndex neighbour = desk.process(201, desk.init, 201, 201);
  desk.image(worker, "the server's", true);
  desk.image(neighbour, "the server's", true);
  EXPECT_FALSE(desk.scope(worker).has(neighbour));
}

TEST(Tie, NotTheImageOfOneThatIsYounger) {
  Desk desk;
  const TaskIndex old = desk.process(199, desk.init, 199, 199);
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  desk.image(old, "top", true);
  desk.image(top, "top", false);
  EXPECT_FALSE(desk.scope(top).has(old));
}

TEST(Tie, NotTheSessionTheTreeWasBornInto) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex other = desk.process(203, desk.init, 203, 50);  // a job of the same shell
  EXPECT_FALSE(desk.scope(top).has(other));
}

TEST(Tie, NotAFormerSessionOfTheNamedOnes) {
  // The named process was started in a shell's session, forked a child there, and made a session
  // of its own afterwards. The shell's other jobs, orphaned, are none of its business.
  Desk desk;
  const TaskIndex top = desk.process(200, desk.init, 200, 200);
  desk.process(201, top, 150, 150);
  const TaskIndex other = desk.process(202, desk.init, 150, 150);
  EXPECT_FALSE(desk.scope(top).has(other));
}

TEST(Tie, AProcessGroupLedFromTheTree) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex stray = desk.process(202, desk.init, 200, 50);
  EXPECT_TRUE(desk.scope(top).has(stray));
}

TEST(Tie, NotTheNeighbourInAPipeline) {
  // `a | b`: the shell put b into a's process group.
  Desk desk;
  const TaskIndex a = desk.process(200, desk.shell, 200, 50);
  const TaskIndex b = desk.process(201, desk.shell, 200, 50);
  EXPECT_FALSE(desk.scope(a).has(b));
}

TEST(Tie, NotTheNeighbourInAPipelineWhoseShellIsGone) {
  Desk desk;
  const TaskIndex a = desk.process(200, desk.init, 200, 50);
  const TaskIndex b = desk.process(201, desk.init, 200, 50);
  EXPECT_FALSE(desk.scope(a).has(b));
}

TEST(Tie, NothingOlderThanTheNamedOne) {
  Desk desk;
  const TaskIndex older = desk.process(150, desk.init, 200, 200);
  const TaskIndex top = desk.process(200, desk.shell, 200, 200);
  EXPECT_FALSE(desk.scope(top).has(older));
}

constexpr const char* kMark = "JOB=7d9c2f6e-1b1a-4f0e-9a3b-5c6d7e8f9012";

std::string with(const char* mark) {
  return std::string("PATH=/bin") + '\0' + mark + '\0';
}

TEST(Tie, AMarkInTheEnvironmentThatBeganWithTheNamedOne) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex stray = desk.process(202, desk.init, 201, 201);
  desk.origin(desk.shell, "/", with("HOME=/root"));
  desk.origin(top, "/", with(kMark));
  desk.origin(stray, "/", with(kMark));
  const plan::Scope scope = desk.scope(top);
  ASSERT_TRUE(scope.has(stray));
  EXPECT_NE(member(scope, stray)->tie.find("environment JOB"), std::string::npos);
}

TEST(Tie, NotAMarkThatTheParentHadAlready) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex other = desk.process(202, desk.init, 201, 201);
  desk.origin(desk.shell, "/", with(kMark));
  desk.origin(top, "/", with(kMark));
  desk.origin(other, "/", with(kMark));
  EXPECT_FALSE(desk.scope(top).has(other));
}

TEST(Tie, NotAMarkSharedWithAnAdoptedSibling) {
  // Both were adopted by init, from the same job: neither descends from the other.
  Desk desk;
  const TaskIndex top = desk.process(200, desk.init, 200, 200);
  const TaskIndex other = desk.process(202, desk.init, 201, 201);
  desk.origin(desk.init, "/", with("HOME=/"));
  desk.origin(top, "/", with(kMark));
  desk.origin(other, "/", with(kMark));
  EXPECT_FALSE(desk.scope(top).has(other));
}

TEST(Tie, NotAnEnvironmentThatCouldNotBeRead) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex other = desk.process(202, desk.init, 201, 201);
  desk.origin(top, "/", with(kMark));
  desk.origin(other, "/", with(kMark));  // but not the shell's
  EXPECT_FALSE(desk.scope(top).has(other));
}

TEST(Tie, ACgroupMadeForTheNamedOne) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex stray = desk.process(202, desk.init, 201, 201);
  const TaskIndex other = desk.process(203, desk.init, 203, 203);
  desk.origin(desk.shell, "/user", {});
  desk.origin(top, "/user/job", {});
  desk.origin(stray, "/user/job/sub", {});
  desk.origin(other, "/user/jobs", {});
  const plan::Scope scope = desk.scope(top);
  EXPECT_TRUE(scope.has(stray));
  EXPECT_FALSE(scope.has(other)) << "/user/jobs is not below /user/job";
}

TEST(Tie, NotTheCgroupTheParentIsInToo) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 50);
  const TaskIndex other = desk.process(202, desk.init, 201, 201);
  for (TaskIndex task : {desk.shell, top, other}) desk.origin(task, "/user", {});
  EXPECT_FALSE(desk.scope(top).has(other));
}

TEST(Tie, BringsItsOwnDescendantsAndTheirTies) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 200);
  const TaskIndex stray = desk.process(202, desk.init, 201, 200);
  const TaskIndex below = desk.process(203, stray, 203, 203);
  const TaskIndex further = desk.process(204, desk.init, 204, 203);
  const plan::Scope scope = desk.scope(top);
  EXPECT_TRUE(scope.has(below));
  EXPECT_TRUE(scope.has(further));
}

TEST(Marks, AreOnlyWhatLooksMadeToBeUnique) {
  const std::string environment = std::string("A=1") + '\0' + "PATH=/usr/local/bin:/usr/bin" +
                                  '\0' + "ID=0123456789abcdef0123456789abcdef" + '\0' +
                                  "WORD=deadbeefdeadbeefdeadbeef" + '\0' + kMark + '\0';
  EXPECT_EQ(plan::environment_marks(environment, ""),
            (std::vector<std::string>{"ID=0123456789abcdef0123456789abcdef", kMark}));
}

TEST(Order, IsParentsFirstAndTiesLast) {
  Desk desk;
  const TaskIndex top = desk.process(200, desk.shell, 200, 200);
  const TaskIndex stray = desk.process(201, desk.init, 201, 200);
  const TaskIndex child = desk.process(202, top, 200, 200);
  const auto order = plan::in_tree_order(desk.world, desk.scope(top));
  ASSERT_EQ(order.size(), 3U);
  EXPECT_EQ(order[0].task, top);
  EXPECT_EQ(order[1].task, child);
  EXPECT_EQ(order[2].task, stray);
}

/// Whatever the shape: each member once, and none of them protected.
TEST(Scope, HoldsEachProcessOnce) {
  rc::check([](const std::vector<std::uint16_t>& shape) {
    Desk desk;
    std::vector<TaskIndex> all{desk.shell};
    int pid = 200;
    for (std::uint16_t word : shape) {
      const TaskIndex parent = word % 4 == 0 ? desk.init : all[word % all.size()];
      const int session = word % 3 == 0 ? pid : 50;
      all.push_back(desk.process(pid, parent, word % 5 == 0 ? pid : 50, session));
      ++pid;
    }
    if (all.size() < 2) return;
    const plan::Scope scope = desk.scope(all[1]);
    const auto order = plan::in_tree_order(desk.world, scope);
    RC_ASSERT(order.size() == scope.members.size());
    std::vector<std::size_t> places;
    for (const plan::Member& each : order) places.push_back(each.task.place());
    std::ranges::sort(places);
    RC_ASSERT(std::ranges::adjacent_find(places) == places.end());
    RC_ASSERT(!scope.has(desk.init) && !scope.has(desk.shell));
  });
}

}  // namespace
}  // namespace knell::test
