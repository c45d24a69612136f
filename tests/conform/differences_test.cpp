#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knell/conform/observation.hpp"

namespace knell::conform {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Observation two() {
  TaskSeen first{.pid = Pid(1), .tgid = Pid(1)};
  TaskSeen second{.pid = Pid(2), .tgid = Pid(2), .parent = Pid(1)};
  return {{first, second}};
}

TEST(Differences, AreNoneBetweenEquals) {
  EXPECT_THAT(differences(two(), two()), IsEmpty());
}

TEST(Differences, NameTheMemberAndBothValues) {
  Observation came = two();
  came.tasks[1].blocked = {signals::kTerm, Signal(34)};
  EXPECT_THAT(differences(two(), came), ElementsAre("2: blocked is {TERM RTMIN}, was foretold {}"));
}

TEST(Differences, TellWhoIsGoneAndWhoIsThere) {
  Observation came = two();
  came.tasks[1].pid = Pid(3);
  EXPECT_THAT(differences(two(), came),
              ElementsAre("2: is gone, was foretold: runs", "3: runs, was foretold gone"));
}

TEST(Differences, TellWhichCallSomebodySleepsIn) {
  Observation came = two();
  came.tasks[0].doing = Doing::call;
  came.tasks[0].in_call = Sys::wait4;
  EXPECT_THAT(differences(two(), came), ElementsAre("1: it is asleep in wait4, was foretold runs"));
}

TEST(Differences, NameErrorsByTheirName) {
  Observation foretold = two();
  foretold.tasks[0].last = {.nr = Sys::kill, .value = 0};
  Observation came = two();
  came.tasks[0].last = {.nr = Sys::kill, .value = -EPERM};
  EXPECT_THAT(differences(foretold, came),
              ElementsAre("1: last result is kill EPERM, was foretold kill 0"));
}

/// Every member counts: one by one they are changed, and each change is seen.
TEST(Differences, SeeEveryMember) {
  const auto with = [](auto change) {
    Observation came = two();
    change(came.tasks[1]);
    return differences(two(), came).size();
  };
  EXPECT_EQ(with([](TaskSeen& seen) { seen.tgid = Pid(9); }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.doing = Doing::stopped; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.in_call = Sys::read; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.parent = Pid(9); }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.tracer = Pid(9); }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.pgrp = Pgid(9); }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.session = Sid(9); }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.uid = Uid(9); }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.euid = Uid(9); }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.suid = Uid(9); }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.pending = {signals::kHup}; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.shared_pending = {signals::kHup}; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.blocked = {signals::kHup}; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.ignored = {signals::kHup}; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.caught = {signals::kHup}; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.threads = 2; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.frames = 1; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.returned = 1; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.last.nr = Sys::kill; }), 1U);
  EXPECT_EQ(with([](TaskSeen& seen) { seen.ran.emplace_back(); }), 1U);
}

}  // namespace
}  // namespace knell::conform
