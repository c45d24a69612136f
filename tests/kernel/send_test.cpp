/// kernel/signal.c: who may signal whom, what the call returns, and what is dropped at sending.

#include <cerrno>
#include <climits>

#include <gtest/gtest.h>

#include "builder.hpp"

namespace knell::test {
namespace {

using kernel::Kernel;

TEST(Kill, AMissingPidIsEsrchEvenWithABadSignal) {
  SmallWorld small;
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 4000, signals::kTerm), -ESRCH);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 4000, Signal(65)), -ESRCH);
}

TEST(Kill, ABadSignalToALivingPidIsEinval) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 200, Signal(65)), -EINVAL);
  EXPECT_EQ(small.world[job].state, TaskState::sleeping);
}

TEST(Kill, SignalZeroOnlyAsks) {
  SmallWorld small;
  small.job(200);
  const World before = small.world;
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 200, Signal(0)), 0);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world, before);
}

TEST(Kill, IntMinIsNobody) {
  SmallWorld small;
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, INT_MIN, signals::kKill), -ESRCH);
}

TEST(Kill, MinusOneSparesInitAndTheCaller) {
  SmallWorld small;
  const TaskIndex one = small.job(200);
  const TaskIndex two = small.job(201);
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, -1, signals::kKill), 0);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[one].state, TaskState::zombie);
  EXPECT_EQ(small.world[two].state, TaskState::zombie);
  EXPECT_EQ(small.world[small.shell].state, TaskState::sleeping);  // SIGCHLD is ignored by default
  EXPECT_EQ(small.world[small.init].state, TaskState::sleeping);
}

TEST(Kill, MinusOneWithNobodyLeftIsEsrch) {
  SmallWorld small;
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, -1, signals::kKill), -ESRCH);
}

TEST(Kill, MinusOneThatMaySignalNobodyStillSucceeds) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.belongs_to(small.shell, 1000);
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, -1, signals::kKill), 0);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[job].state, TaskState::sleeping);
}

TEST(Kill, AGroupIsAllItsMembersAndNobodyElse) {
  SmallWorld small;
  const TaskIndex leader = small.job(200);
  const TaskIndex member = small.process(201, small.shell, 200, 100);
  const TaskIndex other = small.job(202);
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, -200, signals::kTerm), 0);
  EXPECT_EQ(kernel::kill(kernel, small.shell, -999, signals::kTerm), -ESRCH);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[leader].state, TaskState::zombie);
  EXPECT_EQ(small.world[member].state, TaskState::zombie);
  EXPECT_EQ(small.world[other].state, TaskState::sleeping);
}

TEST(Kill, AGroupOfWhichOneMayBeSignalledIsASuccess) {
  SmallWorld small;
  small.belongs_to(small.shell, 1000);
  const TaskIndex mine = small.job(200);
  small.belongs_to(mine, 1000);
  small.process(201, small.shell, 200, 100);
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, -200, signals::kTerm), 0);
}

TEST(Permission, IsByRealAndSavedUid) {
  SmallWorld small;
  small.belongs_to(small.shell, 1000);
  const TaskIndex target = small.job(200);
  struct Case {
    unsigned uid, euid, suid;
    int expected;
  };
  // kill(2): the sender's real or effective uid equals the target's real or saved one; the
  // target's effective uid does not count.
  for (const Case& each : {Case{1000, 0, 0, 0}, Case{0, 0, 1000, 0}, Case{0, 1000, 0, -EPERM},
                           Case{0, 0, 0, -EPERM}}) {
    Cred cred;
    cred.uid = Uid(each.uid);
    cred.euid = Uid(each.euid);
    cred.suid = Uid(each.suid);
    small.world[target].cred = small.world.add_cred(cred);
    Kernel kernel(small.world);
    EXPECT_EQ(kernel::kill(kernel, small.shell, 200, Signal(0)), each.expected)
        << each.uid << ' ' << each.euid << ' ' << each.suid;
  }
}

TEST(Permission, CapKillReachesEverybodyInItsUserNamespace) {
  SmallWorld small;
  Cred capable = small.user(1000);
  capable.cap_effective = std::uint64_t{1} << kCapKill;
  capable.user_ns = NamespaceId(5);
  small.world[small.shell].cred = small.world.add_cred(capable);
  const TaskIndex target = small.job(200);
  Cred same;
  same.user_ns = NamespaceId(5);
  Cred other;
  other.user_ns = NamespaceId(6);
  Kernel kernel(small.world);
  small.world[target].cred = small.world.add_cred(same);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 200, Signal(0)), 0);
  small.world[target].cred = small.world.add_cred(other);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 200, Signal(0)), -EPERM);
}

TEST(Permission, ContIsFreeWithinASession) {
  SmallWorld small;
  small.belongs_to(small.shell, 1000);
  small.job(200);                            // root's, in the shell's session
  small.process(300, small.init, 300, 300);  // root's, elsewhere
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 200, signals::kCont), 0);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 200, signals::kTerm), -EPERM);
  EXPECT_EQ(kernel::kill(kernel, small.shell, 300, signals::kCont), -EPERM);
}

TEST(Send, AnIgnoredSignalIsDroppedAtOnce) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[small.world[job].sighand].ignored.add(signals::kTerm);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::kill(kernel, small.shell, 200, signals::kWinch);  // ignored by default
  EXPECT_TRUE(small.world.signal_of(job).shared_pending.signal.empty());
}

TEST(Send, AnIgnoredSignalThatIsBlockedStaysPending) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[small.world[job].sighand].ignored.add(signals::kTerm);
  small.world[job].blocked.add(signals::kTerm);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  EXPECT_TRUE(small.world.signal_of(job).shared_pending.signal.has(signals::kTerm));
}

TEST(Send, ASecondStandardSignalMergesWithTheFirst) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[job].blocked.add(signals::kTerm);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  ASSERT_EQ(kernel.log.size(), 2U);
  EXPECT_EQ(kernel.log[1].value, static_cast<int>(GenerateResult::already_pending));
}

TEST(Send, StopAndContinueCancelEachOther) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[job].blocked = SigSet{signals::kTstp, signals::kCont};
  Kernel kernel(small.world);
  const auto& pending = small.world.signal_of(job).shared_pending.signal;
  kernel::kill(kernel, small.shell, 200, signals::kTstp);
  EXPECT_EQ(pending, SigSet{signals::kTstp});
  kernel::kill(kernel, small.shell, 200, signals::kCont);
  EXPECT_EQ(pending, SigSet{signals::kCont});
  kernel::kill(kernel, small.shell, 200, signals::kTstp);
  EXPECT_EQ(pending, SigSet{signals::kTstp});
}

TEST(Send, AFatalSignalDecidesTheEndOfTheGroupBeforeItRuns) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  const TaskIndex thread = small.world.add_thread(Pid(201), job);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  EXPECT_TRUE(small.world.signal_of(job).group_exit);
  EXPECT_EQ(small.world.signal_of(job).group_exit_code, 15);
  // As /proc/PID/status of one that has not run yet shows: TERM shared, KILL in every thread.
  EXPECT_EQ(small.world.signal_of(job).shared_pending.signal, SigSet{signals::kTerm});
  EXPECT_EQ(small.world[job].pending.signal, SigSet{signals::kKill});
  EXPECT_EQ(small.world[thread].pending.signal, SigSet{signals::kKill});
}

TEST(Send, WhatDiesAlreadyTakesNoMore) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::kill(kernel, small.shell, 200, signals::kKill);  // dropped: the status stays 15
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[job].exit_code, 15);
}

}  // namespace
}  // namespace knell::test
