#include "knell/act/survivor.hpp"

#include <gtest/gtest.h>

namespace knell::act {
namespace {

using Condition = live::Machine::Condition;

TEST(WhatKeeps, NamesTheKernelFunctionOfAnUninterruptibleSleep) {
  Condition condition;
  condition.state = TaskState::disk_sleep;
  EXPECT_EQ(what_keeps(condition, signals::kKill, ""), "in uninterruptible sleep (D)");
  condition.wchan = std::string(1, '0');  // what /proc/PID/wchan says to those who may not know
  EXPECT_EQ(what_keeps(condition, signals::kKill, ""), "in uninterruptible sleep (D)");
  condition.wchan = "percpu_rwsem_wait";
  EXPECT_EQ(what_keeps(condition, signals::kKill, ""),
            "in uninterruptible sleep (D) in percpu_rwsem_wait");
}

TEST(WhatKeeps, NamesTheFreezerBeforeTheSleepItFrozeIn) {
  Condition condition;
  condition.state = TaskState::disk_sleep;
  condition.frozen = true;
  EXPECT_EQ(what_keeps(condition, signals::kKill, ""), "frozen by its cgroup");
}

TEST(WhatKeeps, NamesTheTracer) {
  Condition condition;
  condition.state = TaskState::traced;
  condition.tracer = Pid(77);
  EXPECT_EQ(what_keeps(condition, signals::kTerm, "gdb"), "traced by 77 (gdb)");
}

TEST(WhatKeeps, NamesACoreDump) {
  Condition condition;
  condition.core_dumping = true;
  EXPECT_EQ(what_keeps(condition, signals::kKill, ""), "is dumping core");
}

TEST(WhatKeeps, NamesTheProgramsOwnDoing) {
  Condition condition;
  condition.blocked = SigSet{signals::kTerm};
  EXPECT_EQ(what_keeps(condition, signals::kTerm, ""), "blocks TERM");
  condition = {};
  condition.ignored = SigSet{signals::kTerm};
  EXPECT_EQ(what_keeps(condition, signals::kTerm, ""), "ignores TERM");
  condition = {};
  condition.caught = SigSet{signals::kTerm};
  EXPECT_EQ(what_keeps(condition, signals::kTerm, ""), "its handler for TERM did not end it");
}

TEST(WhatKeeps, DoesNotBlameAStopForSurvivingKill) {
  Condition condition;
  condition.state = TaskState::stopped;
  EXPECT_EQ(what_keeps(condition, signals::kTerm, ""), "stopped; TERM waits until it continues");
  EXPECT_EQ(what_keeps(condition, signals::kKill, ""), "has not ended yet");
}

TEST(WhatKeeps, KnowsSignalsThatEndNothing) {
  EXPECT_EQ(what_keeps({}, signals::kChld, ""), "CHLD does nothing by default");
  EXPECT_EQ(what_keeps({}, signals::kCont, ""), "CONT only continues it");
  EXPECT_EQ(what_keeps({}, Signal(0), ""), "signal 0 only asks");
}

TEST(WhatKeeps, SaysWhereNothingWasSent) {
  EXPECT_EQ(what_keeps({}, std::nullopt, ""), "no signal was sent to it");
}

}  // namespace
}  // namespace knell::act
