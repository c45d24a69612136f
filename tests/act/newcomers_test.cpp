#include "knell/act/newcomers.hpp"

#include <set>

#include <gtest/gtest.h>

namespace knell::act {
namespace {

/// init 1 ─ shell 10 ─ planned 100 (leads group and session 100); knell is 50, child of the shell.
class Newcomers : public testing::Test {
protected:
  Newcomers() {
    add(1, 0);
    add(10, 1);
    add(50, 10);
    add(100, 10, 100);
    before = now;
    family.before = &before;
    family.members = {{Pid(100), StartTime(100)}};
    family.elders = elders(before, family.members);
    family.self = Pid(50);
    family.keeps_its_number = [this](ProcessId) { return number_kept; };
  }

  /// Started at the time of its number, in a group and session with number `group`.
  TaskIndex add(int pid, int parent, int group = 1) {
    const TaskIndex task = now.add_process(Pid(pid), now.find(Pid(parent)));
    now.signal_of(task).start = StartTime(static_cast<std::uint64_t>(pid));
    now.signal_of(task).pgrp = Pgid(group);
    now.signal_of(task).session = Sid(group);
    return task;
  }

  [[nodiscard]] std::set<int> found() const {
    std::set<int> pids;
    for (TaskIndex task : newcomers(now, family)) pids.insert(now[task].pid.value());
    return pids;
  }

  World before, now;
  Family family;
  bool number_kept = true;
};

using Pids = std::set<int>;

TEST_F(Newcomers, AreNoneWhereNothingHappened) {
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreNotThoseThatThePlanLeftOut) {
  add(60, 100);
  before = now;
  add(61, 60);
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreThoseWhoseParentThePlanDidNotSee) {
  const int unseen = 300;
  add(70, unseen);  // born of it, but under a number that came back
  before = now;
  now.set_real_parent(now.find(Pid(70)), add(unseen, 100));
  EXPECT_EQ(found(), (Pids{unseen, 70}));
}

TEST_F(Newcomers, AreTheChildrenOfAMemberAndTheirs) {
  add(200, 100);
  add(201, 200);
  add(202, 201);
  EXPECT_EQ(found(), (Pids{200, 201, 202}));
}

TEST_F(Newcomers, AreFoundThroughAThousandGenerations) {
  for (int pid = 200; pid < 30'200; ++pid) add(pid, pid == 200 ? 100 : pid - 1);
  EXPECT_EQ(found().size(), 30'000U);
}

TEST_F(Newcomers, AreNotWhatWasThereBefore) {
  add(60, 100);  // a child of the planned one that the plan left out
  before = now;
  add(200, 60);  // and what it makes
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreNotTheChildrenOfOthers) {
  add(200, 1);
  add(201, 10);
  add(202, 50);
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreNotFoundTwice) {
  add(200, 100);
  family.members.emplace(Pid(200), StartTime(200));
  add(201, 200);
  EXPECT_EQ(found(), Pids{201});
}

TEST_F(Newcomers, DoNotComeFromWhoGotTheNumberOfAMember) {
  now.signal_of(now.find(Pid(100))).start = StartTime(150);
  add(200, 100);
  number_kept = false;
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, ThatWereInheritedAreKnownByTheirGroup) {
  now.remove(now.find(Pid(100)));
  add(200, 1, 100);   // init has it
  add(201, 10, 100);  // a subreaper above has it
  EXPECT_EQ(found(), (Pids{200, 201}));
}

TEST_F(Newcomers, AreNotKnownByAGroupWhoseNumberIsAnothers) {
  now.remove(now.find(Pid(100)));
  add(200, 1, 100);
  number_kept = false;
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreNotKnownByAGroupOlderThanItsMaker) {
  family.members = {{Pid(100), StartTime(300)}};
  add(200, 1, 100);
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreNotWhatALivingStrangerPutIntoTheGroup) {
  add(60, 100, 100);  // left out of the plan, in its group
  before = now;
  add(200, 60, 100);
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreForksWithTheImageOfAMember) {
  family.images = {"one execve"};
  const TaskIndex fork = add(200, 1);
  now[fork].fork_no_exec = true;
  EXPECT_EQ(strays(now, family), std::vector{fork});
  EXPECT_EQ(found(), Pids{});
  now.details_of(fork).image = "another";
  EXPECT_EQ(found(), Pids{});
  now.details_of(fork).image = "one execve";
  EXPECT_EQ(found(), Pids{200});
  now[fork].fork_no_exec = false;
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreNeverKnellOrItsAncestors) {
  // As if all of it had started after the plan, below a planned process.
  before = World{};
  now.set_real_parent(now.find(Pid(10)), now.find(Pid(100)));
  now.set_real_parent(now.find(Pid(100)), now.find(Pid(1)));
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreNeverKernelThreadsOrZombies) {
  now[add(200, 100)].kernel_thread = true;
  now[add(201, 100)].state = TaskState::zombie;
  EXPECT_EQ(found(), Pids{});
}

TEST_F(Newcomers, AreAliveThoughTheirLeaderEnded) {
  const TaskIndex task = add(200, 100);
  now[task].state = TaskState::zombie;
  now.signal_of(task).nr_threads = 2;
  EXPECT_EQ(found(), Pids{200});
}

}  // namespace
}  // namespace knell::act
