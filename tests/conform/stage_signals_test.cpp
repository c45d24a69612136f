/// Signals on a stage, call by call. What is expected is what signal(7) and the calls' own manual
/// pages promise.

#include <cerrno>

#include "play.hpp"

namespace knell::test {
namespace {

class StageSignals : public StageTest {};

TEST_F(StageSignals, AReturningHandlerIsToldWhoAndRunsWithItsSignalBlocked) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns, 0, bits({SIGHUP}));
  EXPECT_EQ(play.kill(kInit, job, SIGUSR1), 0);
  const TaskSeen seen = play.seen(job);
  ASSERT_EQ(seen.ran.size(), 1U);
  EXPECT_EQ(seen.ran[0].info, (SigInfo{Signal(SIGUSR1), SI_USER, Pid(1), Uid(0), 0, 0}));
  EXPECT_EQ(seen.ran[0].blocked, SigSet(static_cast<std::uint64_t>(bits({SIGUSR1, SIGHUP}))));
  EXPECT_FALSE(seen.ran[0].on_altstack);
  EXPECT_EQ(seen.frames, 0U);
  EXPECT_TRUE(seen.blocked.empty());
  EXPECT_EQ(seen.doing, Doing::program);
  play.rest();
  EXPECT_TRUE(play.seen(job).ran.empty()) << "told once";
}

TEST_F(StageSignals, AHoldingHandlerGoesOnMakingCallsUntilItReturns) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kHolds);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.seen(job).frames, 1U);
  EXPECT_TRUE(play.seen(job).blocked.has(signals::kUsr1));
  play.kill(kInit, job, SIGUSR1);
  EXPECT_TRUE(play.seen(job).shared_pending.has(signals::kUsr1)) << "blocked while it runs";
  EXPECT_EQ(play.value(job, Sys::rt_sigpending), bits({SIGUSR1}));
  const TaskSeen again = play.call(job, Sys::rt_sigreturn);
  EXPECT_EQ(again.frames, 1U) << "the second one";
  EXPECT_EQ(again.ran.size(), 1U);
  const TaskSeen out = play.call(job, Sys::rt_sigreturn);
  EXPECT_EQ(out.frames, 0U);
  EXPECT_TRUE(out.blocked.empty());
}

TEST_F(StageSignals, OfTwoUnblockedAtOnceTheLowerIsEnteredLastAndBelow) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kHolds);
  play.handle(job, SIGUSR2, kReturns);
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({SIGUSR1, SIGUSR2})});
  play.kill(kInit, job, SIGUSR2);
  play.kill(kInit, job, SIGUSR1);
  // The kernel lays out a frame for each before the program runs: the last laid is on top.
  const TaskSeen seen = play.call(job, Sys::rt_sigprocmask, {SIG_SETMASK, 0});
  ASSERT_EQ(seen.ran.size(), 2U);
  EXPECT_EQ(seen.ran[0].info.signal, signals::kUsr2);
  EXPECT_EQ(seen.ran[0].blocked, (SigSet{signals::kUsr1, signals::kUsr2}));
  EXPECT_EQ(seen.ran[1].info.signal, signals::kUsr1);
  EXPECT_EQ(seen.frames, 1U);
  EXPECT_EQ(seen.last.nr, Sys::rt_sigprocmask);
  const std::uint32_t returned = seen.returned;
  EXPECT_EQ(play.call(job, Sys::rt_sigreturn).returned, returned + 1) << "sigprocmask's own result";
}

TEST_F(StageSignals, ThreadsAndProcessesAreSignalledByTheirNumbers) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns);
  EXPECT_EQ(play.value(kInit, Sys::tkill, {job, SIGUSR1}), 0);
  EXPECT_EQ(play.seen(job).ran.at(0).info.code, SI_TKILL);
  EXPECT_EQ(play.value(kInit, Sys::tgkill, {job, job, SIGUSR1}), 0);
  EXPECT_EQ(play.seen(job).ran.at(0).info.pid, Pid(1));
  EXPECT_EQ(play.value(kInit, Sys::tgkill, {kInit, job, SIGUSR1}), -ESRCH);
  EXPECT_EQ(play.value(kInit, Sys::tkill, {0, SIGUSR1}), -EINVAL);
  EXPECT_EQ(play.kill(kInit, 4000, SIGUSR1), -ESRCH);
  EXPECT_EQ(play.kill(kInit, job, 65), -EINVAL);
}

TEST_F(StageSignals, AQueuedSignalCarriesItsValue) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGRTMIN, kReturns);
  EXPECT_EQ(play.value(kInit, Sys::rt_sigqueueinfo, {job, SIGRTMIN, SI_QUEUE, 0x123456789a}), 0);
  EXPECT_EQ(play.seen(job).ran.at(0).info,
            (SigInfo{Signal(SIGRTMIN), SI_QUEUE, Pid(1), Uid(0), 0, 0x123456789a}));
  EXPECT_EQ(play.value(kInit, Sys::rt_tgsigqueueinfo, {job, job, SIGRTMIN, SI_QUEUE, 7}), 0);
  EXPECT_EQ(play.seen(job).ran.at(0).info.value, 7);
  EXPECT_EQ(play.value(kInit, Sys::rt_sigqueueinfo, {job, SIGRTMIN, SI_USER, 7}), -EPERM)
      << "rt_sigqueueinfo(2): nobody but itself may be told that kill sent it";
}

TEST_F(StageSignals, APidfdSendsAndLeavesNoDescriptorBehind) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns);
  EXPECT_EQ(play.value(kInit, Sys::pidfd_send_signal, {job, SIGUSR1, 0, 0}), 0);
  EXPECT_EQ(play.seen(job).ran.at(0).info.code, SI_USER);
  EXPECT_EQ(play.value(kInit, Sys::pidfd_send_signal, {4000, SIGUSR1, 0, 0}), -ESRCH);
  EXPECT_EQ(play.value(kInit, Sys::pipe), 3 | 4 << 16);
}

TEST_F(StageSignals, RealTimeSignalsQueueAndStandardOnesMerge) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns);
  play.handle(job, SIGRTMIN + 1, kReturns);
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({SIGUSR1, SIGRTMIN + 1})});
  for (int i = 0; i < 3; ++i) play.kill(kInit, job, SIGUSR1);
  for (int i = 0; i < 3; ++i)
    play.value(kInit, Sys::rt_sigqueueinfo, {job, SIGRTMIN + 1, SI_QUEUE, i});
  const TaskSeen seen = play.call(job, Sys::rt_sigprocmask, {SIG_SETMASK, 0});
  ASSERT_EQ(seen.ran.size(), 4U);
  // Frames are laid out for USR1 and for the first of the others; this one is on top and returns.
  EXPECT_EQ(seen.ran[0].info.value, 0);
  std::vector<std::int64_t> values;
  for (const HandlerRun& run : seen.ran)
    if (run.info.signal == Signal(SIGRTMIN + 1)) values.push_back(run.info.value);
  EXPECT_EQ(values, (std::vector<std::int64_t>{0, 1, 2})) << "in the order they were sent";
}

TEST_F(StageSignals, RtSigtimedwaitTakesASignalOrWaitsForIt) {
  Play play;
  const auto job = play.fork(kInit);
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({SIGUSR1})});
  EXPECT_EQ(play.value(job, Sys::rt_sigtimedwait, {bits({SIGUSR1}), 0}), -EAGAIN);
  const TaskSeen waits = play.call(job, Sys::rt_sigtimedwait, {bits({SIGUSR1}), -1});
  EXPECT_EQ(waits.doing, Doing::call);
  EXPECT_EQ(waits.in_call, Sys::rt_sigtimedwait);
  play.kill(kInit, job, SIGUSR1);
  const TaskSeen took = play.seen(job);
  EXPECT_EQ(took.last.value, SIGUSR1);
  EXPECT_EQ(took.last.info, (SigInfo{Signal(SIGUSR1), SI_USER, Pid(1), Uid(0), 0, 0}));
  EXPECT_TRUE(took.ran.empty());
}

TEST_F(StageSignals, SigsuspendWaitsWithAnotherMaskAndPutsTheOldOneBack) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns);
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({SIGUSR1})});
  const TaskSeen waits = play.call(job, Sys::rt_sigsuspend, {bits({SIGUSR2})});
  EXPECT_EQ(waits.in_call, Sys::rt_sigsuspend);
  EXPECT_EQ(waits.blocked, (SigSet{signals::kUsr2}));
  play.kill(kInit, job, SIGUSR1);
  const TaskSeen woken = play.seen(job);
  EXPECT_EQ(woken.last.value, -EINTR);
  EXPECT_EQ(woken.ran.at(0).blocked, (SigSet{signals::kUsr1, signals::kUsr2}));
  EXPECT_EQ(woken.blocked, (SigSet{signals::kUsr1}));
}

TEST_F(StageSignals, PauseEndsWhenAHandlerRanAndNotWhenASignalIsIgnored) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns, SA_RESTART);
  EXPECT_EQ(play.call(job, Sys::pause).doing, Doing::call);
  play.kill(kInit, job, SIGWINCH);
  EXPECT_EQ(play.seen(job).in_call, Sys::pause);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.seen(job).doing, Doing::program);
  EXPECT_EQ(play.seen(job).last.value, -EINTR) << "signal(7): never restarted";
}

TEST_F(StageSignals, ReadIsMadeAgainAfterAHandlerWithSaRestartOnly) {
  Play play;
  play.value(kInit, Sys::pipe);
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns, SA_RESTART);
  play.handle(job, SIGUSR2, kReturns);
  play.call(job, Sys::read, {3});
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.seen(job).ran.size(), 1U);
  EXPECT_EQ(play.seen(job).in_call, Sys::read);
  play.kill(kInit, job, SIGUSR2);
  EXPECT_EQ(play.seen(job).last.value, -EINTR);
}

TEST_F(StageSignals, AHoldingHandlerLeadsBackIntoTheCallItInterrupted) {
  Play play;
  play.value(kInit, Sys::pipe);
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kHolds, SA_RESTART);
  play.call(job, Sys::read, {3});
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.seen(job).doing, Doing::program);
  EXPECT_EQ(play.value(job, Sys::alarm, {0}), 0);
  const TaskSeen back = play.call(job, Sys::rt_sigreturn);
  EXPECT_EQ(back.doing, Doing::call);
  EXPECT_EQ(back.in_call, Sys::read);
  EXPECT_EQ(play.value(kInit, Sys::write, {4}), 1);
  EXPECT_EQ(play.seen(job).last.value, 1);
}

TEST_F(StageSignals, AnAlternateStackIsUsedWhereItIsAskedFor) {
  Play play;
  const auto job = play.fork(kInit);
  EXPECT_EQ(play.value(job, Sys::sigaltstack, {0}), 0);
  play.handle(job, SIGUSR1, kHolds, SA_ONSTACK);
  play.handle(job, SIGUSR2, kReturns);
  play.kill(kInit, job, SIGUSR2);
  EXPECT_FALSE(play.seen(job).ran.at(0).on_altstack);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_TRUE(play.seen(job).ran.at(0).on_altstack);
  EXPECT_EQ(play.value(job, Sys::sigaltstack, {SS_DISABLE}), -EPERM) << "in use";
  play.kill(kInit, job, SIGUSR2);
  EXPECT_TRUE(play.seen(job).ran.at(0).on_altstack) << "it is the stack in use";
  play.call(job, Sys::rt_sigreturn);
  EXPECT_EQ(play.value(job, Sys::sigaltstack, {SS_DISABLE}), 0);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_FALSE(play.seen(job).ran.at(0).on_altstack);
}

TEST_F(StageSignals, AutodisarmTakesTheStackAwayWhileItIsInUse) {
  Play play;
  const auto job = play.fork(kInit);
  EXPECT_EQ(play.value(job, Sys::sigaltstack, {1LL << 31}), 0);
  play.handle(job, SIGUSR1, kHolds, SA_ONSTACK);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_TRUE(play.seen(job).ran.at(0).on_altstack);
  EXPECT_EQ(play.value(job, Sys::sigaltstack, {SS_DISABLE}), 0) << "sigaltstack(2)";
}

TEST_F(StageSignals, FlagsOfHandlers) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns, SA_RESETHAND);
  play.handle(job, SIGUSR2, kHolds, SA_NODEFER);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_FALSE(play.seen(job).caught.has(signals::kUsr1)) << "reset to the default";
  for (std::uint32_t frames : {1U, 2U, 3U}) {
    play.kill(kInit, job, SIGUSR2);
    EXPECT_EQ(play.seen(job).frames, frames) << "not blocked in its own handler";
  }
  EXPECT_EQ(play.value(job, Sys::rt_sigaction, {SIGKILL, kReturns, 0, 0}), -EINVAL);
  EXPECT_EQ(play.value(job, Sys::rt_sigaction, {SIGHUP, 1, 0, 0}), 0);
  EXPECT_TRUE(play.seen(job).ignored.has(signals::kHup));
}

TEST_F(StageSignals, AForkInAHandlerIsInThatHandlerToo) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kHolds);
  play.handle(job, SIGUSR2, kHolds);
  play.call(job, Sys::pause);
  play.kill(kInit, job, SIGUSR1);
  play.kill(kInit, job, SIGUSR2);
  const auto copy = play.fork(job);
  EXPECT_EQ(play.seen(copy).frames, 2U);
  EXPECT_EQ(play.seen(copy).last.value, 0) << "fork(2) returns 0 in the child";
  for (const auto each : {copy, job}) {
    EXPECT_EQ(play.call(each, Sys::rt_sigreturn).frames, 1U);
    const TaskSeen out = play.call(each, Sys::rt_sigreturn);
    EXPECT_EQ(out.frames, 0U);
    EXPECT_EQ(out.last.nr, Sys::pause);
    EXPECT_EQ(out.last.value, -EINTR);
    EXPECT_EQ(play.value(each, Sys::alarm, {0}), 0) << "and they go on apart";
  }
}

TEST_F(StageSignals, AForkInAHandlerOnTheAlternateStack) {
  Play play;
  const auto job = play.fork(kInit);
  play.value(job, Sys::sigaltstack, {0});
  play.handle(job, SIGUSR1, kHolds, SA_ONSTACK);
  play.kill(kInit, job, SIGUSR1);
  const auto copy = play.fork(job);
  const auto copy_of_copy = play.fork(copy);
  for (const auto each : {copy_of_copy, job, copy}) {
    EXPECT_EQ(play.call(each, Sys::rt_sigreturn).frames, 0U);
    EXPECT_EQ(play.value(each, Sys::alarm, {0}), 0);
    play.kill(kInit, each, SIGUSR1);
    EXPECT_TRUE(play.seen(each).ran.at(0).on_altstack);
  }
}

TEST_F(StageSignals, InitTakesNoDefaultActionFromInside) {
  Play play;
  const auto job = play.fork(kInit);
  for (const int signal : {SIGTERM, SIGKILL, SIGSTOP}) EXPECT_EQ(play.kill(job, kInit, signal), 0);
  EXPECT_EQ(play.seen(kInit).doing, Doing::program) << "pid_namespaces(7)";
}

TEST_F(StageSignals, AGroupAndEverybody) {
  Play play;
  const auto one = play.fork(kInit);
  const auto two = play.fork(kInit);
  play.value(one, Sys::setpgid, {0, 0});
  EXPECT_EQ(play.kill(kInit, -one, SIGTERM), 0);
  EXPECT_EQ(play.seen(one).doing, Doing::zombie);
  EXPECT_EQ(play.kill(two, -1, SIGTERM), 0) << "nobody but init and itself are left: zombies count";
  EXPECT_EQ(play.kill(kInit, -1, SIGTERM), 0);
  EXPECT_EQ(play.seen(two).doing, Doing::zombie);
  EXPECT_EQ(play.seen(kInit).doing, Doing::program);
}

TEST_F(StageSignals, ToOnesOwnGroupZeroReachesNobodyOutside) {
  Play play;
  const auto job = play.fork(kInit);
  EXPECT_EQ(play.seen(job).pgrp, Pgid(0));
  EXPECT_EQ(play.kill(kInit, 0, SIGKILL), 0);
  EXPECT_EQ(play.seen(job).doing, Doing::zombie);
  EXPECT_EQ(play.seen(kInit).doing, Doing::program);
}

}  // namespace
}  // namespace knell::test
