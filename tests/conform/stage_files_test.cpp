/// What is open, locked and shared on a stage; terminals, timers and faults. Expected is what the
/// calls' manual pages promise.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/signalfd.h>

#include <cerrno>

#include "play.hpp"

namespace knell::test {
namespace {

class StageFiles : public StageTest {};
class StageTerminal : public StageTest {};
class StageTime : public StageTest {};
class StageFaults : public StageTest {};

constexpr std::int64_t kUndo = SEM_UNDO, kNoWait = IPC_NOWAIT;

TEST_F(StageFiles, APipeIsReadWrittenAndBroken) {
  Play play;
  EXPECT_EQ(play.value(kInit, Sys::pipe), 3 | 4 << 16);
  const auto job = play.fork(kInit);
  EXPECT_EQ(play.value(job, Sys::close, {4}), 0);
  EXPECT_EQ(play.call(job, Sys::read, {3}).in_call, Sys::read);
  EXPECT_EQ(play.value(kInit, Sys::write, {4}), 1);
  EXPECT_EQ(play.seen(job).last.value, 1);
  play.call(job, Sys::read, {3});
  EXPECT_EQ(play.value(kInit, Sys::close, {4}), 0);
  EXPECT_EQ(play.seen(job).last.value, 0) << "pipe(7): the end";
  EXPECT_EQ(play.value(kInit, Sys::close, {4}), -EBADF);
  EXPECT_EQ(play.value(job, Sys::pipe), 4 | 5 << 16);
  play.value(job, Sys::close, {4});
  play.handle(job, SIGPIPE, kReturns);
  EXPECT_EQ(play.value(job, Sys::write, {5}), -EPIPE);
  EXPECT_EQ(play.seen(job).ran.size(), 1U);
}

TEST_F(StageFiles, ASignalfdTellsOfOneSignal) {
  Play play;
  const auto job = play.fork(kInit);
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({SIGUSR1, SIGCHLD})});
  EXPECT_EQ(play.value(job, Sys::signalfd, {bits({SIGUSR1, SIGCHLD})}), 3);
  EXPECT_EQ(play.call(job, Sys::read, {3}).in_call, Sys::read);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.seen(job).last.value, static_cast<std::int64_t>(sizeof(signalfd_siginfo)));
  EXPECT_EQ(play.seen(job).last.info, (SigInfo{Signal(SIGUSR1), SI_USER, Pid(1), Uid(0), 0, 0}));
  const auto child = play.fork(job);
  play.call(child, Sys::exit_group, {4});
  play.value(job, Sys::read, {3});
  EXPECT_EQ(play.seen(job).last.info,
            (SigInfo{Signal(SIGCHLD), CLD_EXITED, Pid(static_cast<int>(child)), Uid(0), 4, 0}));
}

TEST_F(StageFiles, FlockIsTheOpenFilesAndRecordLocksAreTheProcesss) {
  Play play;
  const auto job = play.fork(kInit);
  EXPECT_EQ(play.value(kInit, Sys::open, {5}), 3);
  EXPECT_EQ(play.value(job, Sys::open, {5}), 3);
  EXPECT_EQ(play.value(kInit, Sys::flock, {3, LOCK_EX}), 0);
  EXPECT_EQ(play.value(job, Sys::flock, {3, LOCK_SH | LOCK_NB}), -EWOULDBLOCK);
  EXPECT_EQ(play.call(job, Sys::flock, {3, LOCK_SH}).in_call, Sys::flock);
  EXPECT_EQ(play.value(kInit, Sys::close, {3}), 0);
  EXPECT_EQ(play.seen(job).last.value, 0);
  EXPECT_EQ(play.value(kInit, Sys::open, {5}), 3);
  EXPECT_EQ(play.value(kInit, Sys::fcntl_setlk, {3, F_WRLCK, 0}), 0);
  EXPECT_EQ(play.value(job, Sys::fcntl_setlk, {3, F_RDLCK, 0}), -EAGAIN);
  EXPECT_EQ(play.call(job, Sys::fcntl_setlk, {3, F_RDLCK, 1}).in_call, Sys::fcntl_setlk);
  EXPECT_EQ(play.value(kInit, Sys::fcntl_setlk, {3, F_UNLCK, 0}), 0);
  EXPECT_EQ(play.seen(job).last.value, 0);
}

TEST_F(StageFiles, OtherStagesHaveOtherFiles) {
  Play one;
  Play two;
  for (Play* each : {&one, &two}) {
    EXPECT_EQ(each->value(kInit, Sys::open, {0}), 3);
    EXPECT_EQ(each->value(kInit, Sys::flock, {3, LOCK_EX | LOCK_NB}), 0);
  }
}

TEST_F(StageFiles, ARobustLockOutlivesItsOwner) {
  Play play;
  const auto owner = play.fork(kInit);
  const auto waiter = play.fork(kInit);
  EXPECT_EQ(play.value(owner, Sys::robust_lock, {2, 1}), 0);
  EXPECT_EQ(play.value(owner, Sys::robust_lock, {3, 1}), 0);
  EXPECT_EQ(play.value(kInit, Sys::robust_lock, {2, 0}), -EBUSY);
  EXPECT_EQ(play.value(kInit, Sys::robust_unlock, {2}), -EPERM);
  EXPECT_EQ(play.call(waiter, Sys::robust_lock, {2, 1}).in_call, Sys::robust_lock);
  play.kill(kInit, owner, SIGKILL);
  EXPECT_EQ(play.seen(waiter).last.value, 1) << "get_robust_list(2): FUTEX_OWNER_DIED";
  EXPECT_EQ(play.value(kInit, Sys::robust_lock, {3, 0}), 1);
  EXPECT_EQ(play.call(kInit, Sys::robust_lock, {2, 1}).doing, Doing::call);
  EXPECT_EQ(play.value(waiter, Sys::robust_unlock, {2}), 0);
  EXPECT_EQ(play.seen(kInit).last.value, 0);
  EXPECT_EQ(play.value(kInit, Sys::robust_unlock, {2}), 0);
  EXPECT_EQ(play.value(waiter, Sys::robust_lock, {2, 0}), 0);
}

TEST_F(StageFiles, ExecveGivesRobustLocksBack) {
  Play play;
  const auto owner = play.fork(kInit);
  play.value(owner, Sys::robust_lock, {0, 1});
  play.call(owner, Sys::execve);
  EXPECT_EQ(play.value(kInit, Sys::robust_lock, {0, 0}), 1);
}

TEST_F(StageFiles, Semaphores) {
  Play play;
  const auto job = play.fork(kInit);
  EXPECT_EQ(play.value(job, Sys::semop, {1, -1, kNoWait}), -EAGAIN);
  EXPECT_EQ(play.call(job, Sys::semop, {1, -1, 0}).in_call, Sys::semop);
  EXPECT_EQ(play.value(kInit, Sys::semop, {1, 2, kUndo}), 0);
  EXPECT_EQ(play.seen(job).last.value, 0);
  const auto other = play.fork(kInit);
  EXPECT_EQ(play.value(other, Sys::semop, {1, -1, kUndo}), 0);
  EXPECT_EQ(play.value(job, Sys::semop, {1, -1, kNoWait}), -EAGAIN);
  play.call(other, Sys::exit_group, {0});
  EXPECT_EQ(play.value(job, Sys::semop, {1, -1, kNoWait}), 0) << "semop(2): SEM_UNDO";
}

TEST_F(StageFiles, SharedMemory) {
  Play play;
  const auto job = play.fork(kInit);
  EXPECT_EQ(play.value(job, Sys::shmdt), -EINVAL);
  EXPECT_EQ(play.value(job, Sys::shmat), 0);
  const auto child = play.fork(job);
  EXPECT_EQ(play.value(child, Sys::shmdt), 0) << "shmat(2): a child has it, too";
  EXPECT_EQ(play.value(job, Sys::shmdt), 0);
  EXPECT_EQ(play.value(job, Sys::shmdt), -EINVAL);
}

TEST_F(StageTerminal, TheForegroundGroupHearsTheKeys) {
  Play play;
  const auto shell = play.fork(kInit);
  const auto job = play.fork(shell);
  EXPECT_EQ(play.value(shell, Sys::setsid), shell);
  EXPECT_EQ(play.value(shell, Sys::open_tty, {0}), 3);
  EXPECT_EQ(play.value(shell, Sys::tcgetpgrp, {3}), shell) << "it became the controlling terminal";
  const auto child = play.fork(shell);
  play.handle(child, SIGINT, kReturns);
  play.handle(child, SIGQUIT, kReturns);
  EXPECT_EQ(play.value(child, Sys::setpgid, {0, 0}), 0);
  EXPECT_EQ(play.value(shell, Sys::tcsetpgrp, {3, child}), 0);
  play.act(script::PressKey{0, kernel::Key::intr});
  ASSERT_EQ(play.seen(child).ran.size(), 1U);
  EXPECT_EQ(play.seen(child).ran[0].info,
            (SigInfo{Signal(SIGINT), si::kKernel, Pid(0), Uid(0), 0, 0}));
  play.act(script::PressKey{0, kernel::Key::quit});
  EXPECT_EQ(play.seen(child).ran.at(0).info.signal, signals::kQuit);
  play.act(script::PressKey{0, kernel::Key::susp});
  EXPECT_EQ(play.seen(child).doing, Doing::stopped);
  EXPECT_EQ(play.seen(shell).doing, Doing::program);
  EXPECT_EQ(play.seen(job).doing, Doing::program);
}

TEST_F(StageTerminal, OnlyTheForegroundMayRead) {
  Play play;
  const auto shell = play.fork(kInit);
  play.value(shell, Sys::setsid);
  play.value(shell, Sys::open_tty, {0});
  const auto child = play.fork(shell);
  play.value(child, Sys::setpgid, {0, 0});
  EXPECT_EQ(play.call(child, Sys::read, {3}).doing, Doing::stopped) << "credentials(7): SIGTTIN";
  EXPECT_EQ(play.call(shell, Sys::read, {3}).in_call, Sys::read);
  play.act(script::PressKey{0, kernel::Key::line});
  EXPECT_EQ(play.seen(shell).last.value, 1);
  EXPECT_EQ(play.call(shell, Sys::read, {3}).doing, Doing::call) << "one line, one byte";
}

TEST_F(StageTerminal, ItIsTakenAndGivenUp) {
  Play play;
  const auto shell = play.fork(kInit);
  EXPECT_EQ(play.value(shell, Sys::open_tty, {O_NOCTTY}), 3);
  EXPECT_EQ(play.value(shell, Sys::tiocsctty, {3, 0}), -EPERM) << "ioctl_tty(2): no session leader";
  play.value(shell, Sys::setsid);
  EXPECT_EQ(play.value(shell, Sys::tcgetpgrp, {3}), -ENOTTY);
  EXPECT_EQ(play.value(shell, Sys::tiocsctty, {3, 0}), 0);
  EXPECT_EQ(play.value(shell, Sys::tcgetpgrp, {3}), shell);
  play.handle(shell, SIGHUP, kReturns);
  play.handle(shell, SIGCONT, kReturns);
  EXPECT_EQ(play.value(shell, Sys::tiocnotty, {3}), 0);
  EXPECT_EQ(play.seen(shell).ran.size(), 2U) << "ioctl_tty(2): SIGHUP and SIGCONT to its group";
}

TEST_F(StageTerminal, ItStaysTheControllingTerminalWithoutADescriptor) {
  Play play;
  const auto shell = play.fork(kInit);
  play.value(shell, Sys::setsid);
  play.value(shell, Sys::open_tty, {0});
  EXPECT_EQ(play.value(shell, Sys::close, {3}), 0);
  play.act(script::PressKey{0, kernel::Key::line});
  EXPECT_EQ(play.value(shell, Sys::open_tty, {O_NOCTTY}), 3);
  // tty_release clears it when nobody has the terminal open; of a pseudoterminal the master counts.
  EXPECT_EQ(play.value(shell, Sys::tcgetpgrp, {3}), shell);
}

TEST_F(StageTerminal, AHangUpTellsTheSessionsLeader) {
  Play play;
  const auto shell = play.fork(kInit);
  play.value(shell, Sys::setsid);
  play.value(shell, Sys::open_tty, {0});
  play.handle(shell, SIGHUP, kReturns);
  play.act(script::HangUp{0});
  EXPECT_EQ(play.seen(shell).ran.at(0).info.signal, signals::kHup);
  EXPECT_EQ(play.value(shell, Sys::read, {3}), 0);
  EXPECT_EQ(play.value(shell, Sys::write, {3}), -EIO);
  play.act(script::PressKey{0, kernel::Key::intr});
  EXPECT_EQ(play.value(shell, Sys::open_tty, {0}), users ? -EIO : -ENOENT);
  EXPECT_EQ(play.value(shell, Sys::open_tty, {0, 1}), 4) << "the other terminal";
}

TEST_F(StageTime, TimersFireWhenTheirTimeHasCome) {
  in_time([] {
    Play play;
    const auto job = play.fork(kInit);
    play.handle(job, SIGALRM, kReturns);
    EXPECT_EQ(play.value(job, Sys::setitimer, {0, 400, 0}), 0);
    play.act(script::Advance{200});
    EXPECT_TRUE(play.seen(job).ran.empty());
    play.act(script::Advance{200});
    ASSERT_EQ(play.seen(job).ran.size(), 1U);
    EXPECT_EQ(play.seen(job).ran[0].info.code, si::kKernel);
    EXPECT_EQ(play.value(job, Sys::alarm, {10}), 0);
    EXPECT_EQ(play.value(job, Sys::alarm, {0}), 10);
  });
}

TEST_F(StageTime, AnIntervalTimerGoesOn) {
  in_time([] {
    Play play;
    const auto job = play.fork(kInit);
    play.handle(job, SIGALRM, kReturns);
    play.value(job, Sys::setitimer, {0, 300, 300});
    for (int i = 0; i < 3; ++i) {
      play.act(script::Advance{300});
      EXPECT_EQ(play.seen(job).ran.size(), 1U);
    }
  });
}

TEST_F(StageTime, NanosleepEndsWithItsTimeOrAHandler) {
  in_time([] {
    Play play;
    const auto job = play.fork(kInit);
    EXPECT_EQ(play.call(job, Sys::nanosleep, {300}).in_call, Sys::nanosleep);
    play.act(script::Advance{300});
    EXPECT_EQ(play.seen(job).last.value, 0);
    play.handle(job, SIGUSR1, kReturns);
    play.call(job, Sys::nanosleep, {60'000});
    play.kill(kInit, job, SIGUSR1);
    EXPECT_EQ(play.seen(job).last.value, -EINTR);
  });
}

/// alarm_setitimer rounds the seconds that are left; some, however little, are 1.
TEST_F(StageTime, AlarmTellsTheSecondsThatWereLeft) {
  in_time([] {
    Play play;
    const auto job = play.fork(kInit);
    play.value(job, Sys::alarm, {4});
    play.act(script::Advance{300});
    EXPECT_EQ(play.value(job, Sys::alarm, {2}), 4);
    play.act(script::Advance{1600});
    EXPECT_EQ(play.value(job, Sys::alarm, {0}), 1);
    EXPECT_EQ(play.value(job, Sys::alarm, {0}), 0);
  });
}

TEST_F(StageTime, ATimerThatWasNotDueIsAnErrorAndNoResult) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGALRM, kReturns);
  must(play.stage().perform(
      script::MakeCall{Pid(static_cast<int>(job)), {Sys::setitimer, {0, 1, 0}}}));
  timespec longer{0, 3'000'000};
  nanosleep(&longer, nullptr);
  const auto late = play.stage().rest(std::chrono::seconds(20));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().number, EAGAIN);
}

struct Fault {
  int signal;
  int code;
};

class EachFault : public StageTest, public testing::WithParamInterface<Fault> {};

TEST_P(EachFault, EndsTheProcessOrRunsItsHandlerAndGoesOnBehindIt) {
  const auto [signal, code] = GetParam();
  Play play;
  const auto victim = play.fork(kInit);
  EXPECT_EQ(play.call(victim, Sys::fault, {signal}).doing, Doing::zombie);
  EXPECT_EQ(play.value(kInit, Sys::wait4, {victim, 0}), victim);
  EXPECT_EQ(play.seen(kInit).last.status, signal) << "without a core";
  const auto job = play.fork(kInit);
  play.handle(job, signal, kReturns);
  EXPECT_EQ(play.value(job, Sys::fault, {signal}), 0);
  ASSERT_EQ(play.seen(job).ran.size(), 1U);
  EXPECT_EQ(play.seen(job).ran[0].info, (SigInfo{Signal(signal), code, Pid(0), Uid(0), 0, 0}));
  play.handle(job, signal, kHolds);
  play.call(job, Sys::fault, {signal});
  EXPECT_EQ(play.seen(job).frames, 1U);
  const TaskSeen out = play.call(job, Sys::rt_sigreturn);
  EXPECT_EQ(out.last.nr, Sys::fault);
  EXPECT_EQ(out.last.value, 0);
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({signal})});
  EXPECT_EQ(play.call(job, Sys::fault, {signal}).doing, Doing::zombie) << "cannot be blocked";
}

INSTANTIATE_TEST_SUITE_P(StageFaults, EachFault,
                         testing::Values(Fault{SIGILL, si::kIllOpn}, Fault{SIGFPE, si::kFpeIntDiv},
                                         Fault{SIGSEGV, si::kSegvMapErr},
                                         Fault{SIGBUS, si::kBusAdrErr},
                                         Fault{SIGTRAP, si::kKernel}));

}  // namespace
}  // namespace knell::test
