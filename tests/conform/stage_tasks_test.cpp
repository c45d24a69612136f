/// Tasks on a stage: begun, ended, waited for, stopped, traced; clone(2), wait(2), ptrace(2), and
/// the manual pages of the calls named.

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

#include <cerrno>

#include "play.hpp"

namespace knell::test {
namespace {

class StageTasks : public StageTest {};

TEST_F(StageTasks, ItBeginsWithInitAlone) {
  Play play;
  ASSERT_EQ(play.now().tasks.size(), 1U);
  TaskSeen expected;
  expected.pid = expected.tgid = Pid(1);
  EXPECT_EQ(play.now().tasks[0], expected);
}

TEST_F(StageTasks, PidsAreGivenInOrderAndAChildKnowsItsParent) {
  Play play;
  EXPECT_EQ(play.fork(kInit), 2);
  EXPECT_EQ(play.fork(2), 3);
  EXPECT_EQ(play.fork(kInit), 4);
  EXPECT_EQ(play.seen(3).parent, Pid(2));
  EXPECT_EQ(play.seen(3).last.nr, Sys::clone);
  EXPECT_EQ(play.seen(3).last.value, 0);
  EXPECT_EQ(play.seen(4).tgid, Pid(4));
}

TEST_F(StageTasks, ThreadsShareTheirProcess) {
  Play play;
  const auto job = play.fork(kInit);
  const auto thread = play.clone(job, kThread);
  EXPECT_EQ(play.seen(thread).tgid, Pid(static_cast<int>(job)));
  EXPECT_EQ(play.seen(thread).threads, 2U);
  EXPECT_EQ(play.seen(thread).parent, Pid(1));
  EXPECT_EQ(play.seen(thread).returned, 0U) << "it begins at a function of its own";
  play.handle(thread, SIGUSR1, kReturns);
  EXPECT_TRUE(play.seen(job).caught.has(signals::kUsr1));
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({SIGUSR1})});
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.seen(thread).ran.size(), 1U) << "signal(7): a thread that does not block it";
  play.call(thread, Sys::exit, {0});
  EXPECT_FALSE(play.there(thread));
  EXPECT_EQ(play.seen(job).threads, 1U);
}

TEST_F(StageTasks, ALeaderThatExitsAloneIsAZombieWhileItsThreadsLive) {
  Play play;
  const auto job = play.fork(kInit);
  const auto thread = play.clone(job, kThread);
  EXPECT_EQ(play.call(job, Sys::exit, {3}).doing, Doing::zombie);
  EXPECT_EQ(play.value(kInit, Sys::wait4, {job, WNOHANG}), 0) << "not to be waited for yet";
  play.call(thread, Sys::exit, {5});
  EXPECT_FALSE(play.there(thread));
  EXPECT_EQ(play.value(kInit, Sys::wait4, {job, 0}), job);
  // kernel/exit.c, synchronize_group_exit: the group's code is that of the last to end.
  EXPECT_EQ(WEXITSTATUS(play.seen(kInit).last.status), 5);
}

TEST_F(StageTasks, ExitGroupEndsAllThreads) {
  Play play;
  const auto job = play.fork(kInit);
  const auto thread = play.clone(job, kThread);
  play.call(thread, Sys::exit_group, {7});
  EXPECT_FALSE(play.there(thread));
  EXPECT_EQ(play.value(kInit, Sys::wait4, {-1, 0}), job);
  EXPECT_EQ(WEXITSTATUS(play.seen(kInit).last.status), 7);
}

TEST_F(StageTasks, VforkSleepsUntilTheChildExecsOrEnds) {
  Play play;
  const auto job = play.fork(kInit);
  for (const Sys end : {Sys::execve, Sys::exit_group}) {
    const TaskSeen parent = play.call(job, Sys::clone, {CLONE_VM | CLONE_VFORK, SIGCHLD});
    EXPECT_EQ(parent.doing, Doing::call);
    EXPECT_EQ(parent.in_call, Sys::clone);
    const auto child = play.now().tasks.back().pid.value();
    EXPECT_EQ(play.seen(child).parent, Pid(static_cast<int>(job)));
    play.call(child, end, {0});
    EXPECT_EQ(play.seen(job).doing, Doing::program);
    EXPECT_EQ(play.seen(job).last.value, child);
  }
}

TEST_F(StageTasks, AVforkChildHasItsParentsAlternateStackButNotItsMemory) {
  Play play;
  const auto job = play.fork(kInit);
  play.value(job, Sys::sigaltstack, {0});
  play.handle(job, SIGUSR1, kHolds, SA_ONSTACK);
  play.kill(kInit, job, SIGUSR1);  // the parent is on it while it sleeps
  play.call(job, Sys::clone, {CLONE_VM | CLONE_VFORK, SIGCHLD});
  const auto child = play.now().tasks.back().pid.value();
  play.value(child, Sys::rt_sigprocmask, {SIG_SETMASK, 0});
  play.kill(kInit, child, SIGUSR1);
  EXPECT_TRUE(play.seen(child).ran.at(0).on_altstack) << "sigaltstack(2): inherited with vfork";
  play.call(child, Sys::rt_sigreturn);
  play.call(child, Sys::exit_group, {0});
  EXPECT_EQ(play.call(job, Sys::rt_sigreturn).frames, 0U);
  EXPECT_EQ(play.value(job, Sys::wait4, {child, 0}), child);
}

TEST_F(StageTasks, ExecveKeepsWhatItKeeps) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kHolds);
  play.handle(job, SIGHUP, 1);
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({SIGUSR2})});
  play.kill(kInit, job, SIGUSR2);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.seen(job).frames, 1U);
  const TaskSeen before = play.seen(job);
  const TaskSeen seen = play.call(job, Sys::execve);
  EXPECT_EQ(seen.doing, Doing::program);
  EXPECT_EQ(seen.frames, 0U);
  EXPECT_TRUE(seen.caught.empty()) << "signal(7): handlers are reset";
  EXPECT_TRUE(seen.ignored.has(signals::kHup)) << "what is ignored stays so";
  EXPECT_EQ(seen.blocked, (SigSet{signals::kUsr1, signals::kUsr2})) << "so does the mask";
  EXPECT_TRUE(seen.shared_pending.has(signals::kUsr2)) << "and what is pending";
  EXPECT_EQ(seen.returned, before.returned + 1) << "the new program begins with a 0";
  EXPECT_EQ(seen.last.nr, Sys::execve);
  EXPECT_EQ(play.value(job, Sys::alarm, {0}), 0);
  EXPECT_EQ(play.value(job, Sys::pipe), 3 | 4 << 16);
}

TEST_F(StageTasks, AThreadThatExecsTakesTheLeadersNumber) {
  Play play;
  const auto job = play.fork(kInit);
  const auto thread = play.clone(job, kThread);
  const auto third = play.clone(job, kThread);
  play.call(job, Sys::pause);
  play.call(thread, Sys::execve);
  EXPECT_FALSE(play.there(thread));
  EXPECT_FALSE(play.there(third));
  EXPECT_EQ(play.seen(job).doing, Doing::program);
  EXPECT_EQ(play.seen(job).threads, 1U);
  EXPECT_EQ(play.value(job, Sys::alarm, {0}), 0);
  const auto fourth = play.clone(job, kThread);
  EXPECT_EQ(play.seen(fourth).tgid, Pid(static_cast<int>(job)));
  EXPECT_EQ(play.value(fourth, Sys::alarm, {0}), 0);
}

TEST_F(StageTasks, AThreadOfInitMayExecAndInitIsStillTiedToTheStage) {
  Play play;
  const auto thread = play.clone(kInit, kThread);
  play.call(thread, Sys::execve);
  EXPECT_EQ(play.now().tasks.size(), 1U);
  EXPECT_EQ(play.fork(kInit), 3);
}

TEST_F(StageTasks, WaitTellsHowAChildEnded) {
  Play play;
  const auto one = play.fork(kInit);
  const auto two = play.fork(kInit);
  EXPECT_EQ(play.value(kInit, Sys::wait4, {-1, WNOHANG}), 0);
  play.call(one, Sys::exit_group, {300});
  EXPECT_EQ(play.value(kInit, Sys::wait4, {one, 0}), one);
  EXPECT_EQ(play.seen(kInit).last.status, (300 & 0xff) << 8);
  EXPECT_EQ(play.call(kInit, Sys::wait4, {-1, 0}).in_call, Sys::wait4);
  play.call(two, Sys::kill, {two, SIGINT});
  EXPECT_EQ(play.seen(kInit).last.value, two);
  EXPECT_EQ(play.seen(kInit).last.status, SIGINT);
  EXPECT_EQ(play.value(kInit, Sys::wait4, {-1, 0}), -ECHILD);
}

TEST_F(StageTasks, WaitidTellsInSiginfo) {
  Play play;
  const auto one = play.fork(kInit);
  const auto two = play.fork(kInit);
  play.value(two, Sys::setpgid, {0, 0});
  EXPECT_EQ(play.value(kInit, Sys::waitid, {P_ALL, 0, WEXITED | WNOHANG}), 0);
  EXPECT_EQ(play.seen(kInit).last.info, SigInfo{}) << "waitid(2): si_pid 0 where nobody is there";
  play.call(one, Sys::exit_group, {9});
  const SigInfo ended{Signal(SIGCHLD), CLD_EXITED, Pid(static_cast<int>(one)), Uid(0), 9, 0};
  EXPECT_EQ(play.value(kInit, Sys::waitid, {P_PID, one, WEXITED | WNOWAIT}), 0);
  EXPECT_EQ(play.seen(kInit).last.info, ended);
  EXPECT_EQ(play.value(kInit, Sys::waitid, {P_PIDFD, one, WEXITED}), 0);
  EXPECT_EQ(play.seen(kInit).last.info, ended);
  EXPECT_FALSE(play.there(one));
  EXPECT_EQ(play.value(kInit, Sys::waitid, {P_PIDFD, one, WEXITED}), -ESRCH);
  play.kill(kInit, two, SIGKILL);
  EXPECT_EQ(play.value(kInit, Sys::waitid, {P_PGID, two, WEXITED}), 0);
  EXPECT_EQ(play.seen(kInit).last.info.code, CLD_KILLED);
  EXPECT_EQ(play.seen(kInit).last.info.status, SIGKILL);
}

TEST_F(StageTasks, StopAndContinueAreToldToTheParent) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(kInit, SIGCHLD, kReturns);
  play.kill(kInit, job, SIGSTOP);
  EXPECT_EQ(play.seen(job).doing, Doing::stopped);
  ASSERT_EQ(play.seen(kInit).ran.size(), 1U);
  EXPECT_EQ(
      play.seen(kInit).ran[0].info,
      (SigInfo{Signal(SIGCHLD), CLD_STOPPED, Pid(static_cast<int>(job)), Uid(0), SIGSTOP, 0}));
  EXPECT_EQ(play.value(kInit, Sys::wait4, {job, WUNTRACED}), job);
  EXPECT_TRUE(WIFSTOPPED(play.seen(kInit).last.status));
  play.kill(kInit, job, SIGCONT);
  EXPECT_EQ(play.seen(job).doing, Doing::program);
  EXPECT_EQ(play.seen(kInit).ran.at(0).info.code, CLD_CONTINUED);
  EXPECT_EQ(play.value(kInit, Sys::wait4, {job, WCONTINUED}), job);
  EXPECT_TRUE(WIFCONTINUED(play.seen(kInit).last.status));
}

TEST_F(StageTasks, WhoIgnoresItsChildrenHasNoZombies) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(kInit, SIGCHLD, 1);
  play.call(job, Sys::exit_group, {0});
  EXPECT_FALSE(play.there(job));
  EXPECT_EQ(play.value(kInit, Sys::wait4, {-1, 0}), -ECHILD);
}

TEST_F(StageTasks, OrphansGoToInitOrToASubreaper) {
  Play play;
  const auto grandparent = play.fork(kInit);
  const auto parent = play.fork(grandparent);
  const auto child = play.fork(parent);
  const auto grandchild = play.fork(child);
  EXPECT_EQ(play.value(grandparent, Sys::prctl, {PR_SET_CHILD_SUBREAPER, 1}), 0);
  play.call(parent, Sys::exit_group, {0});
  EXPECT_EQ(play.seen(child).parent, Pid(static_cast<int>(grandparent)));
  play.kill(kInit, grandparent, SIGKILL);
  EXPECT_EQ(play.seen(child).parent, Pid(1));
  EXPECT_EQ(play.seen(grandchild).parent, Pid(static_cast<int>(child)));
}

TEST_F(StageTasks, AParentsEndIsToldWhereItIsAskedFor) {
  Play play;
  const auto parent = play.fork(kInit);
  const auto child = play.fork(parent);
  play.handle(child, SIGUSR1, kReturns);
  EXPECT_EQ(play.value(child, Sys::prctl, {PR_SET_PDEATHSIG, SIGUSR1}), 0);
  play.call(parent, Sys::exit_group, {0});
  EXPECT_EQ(play.seen(child).ran.size(), 1U);
}

TEST_F(StageTasks, GroupsAndSessions) {
  Play play;
  const auto job = play.fork(kInit);
  const auto other = play.fork(kInit);
  EXPECT_EQ(play.value(kInit, Sys::setpgid, {job, job}), 0);
  EXPECT_EQ(play.seen(job).pgrp.value(), job);
  EXPECT_EQ(play.value(kInit, Sys::setpgid, {other, job}), 0);
  EXPECT_EQ(play.value(job, Sys::setsid), -EPERM) << "setsid(2): it leads a group";
  EXPECT_EQ(play.value(other, Sys::setsid), other);
  EXPECT_EQ(play.seen(other).session.value(), other);
  EXPECT_EQ(play.value(kInit, Sys::setpgid, {other, 0}), -EPERM) << "of another session";
  EXPECT_EQ(play.value(kInit, Sys::setsid), 1);
}

TEST_F(StageTasks, OtherUsers) {
  if (!users) GTEST_SKIP() << "only root can become another user";
  Play play;
  const auto job = play.fork(kInit);
  const auto other = play.fork(kInit);
  EXPECT_EQ(play.value(job, Sys::setresuid, {-1, 1000, -1}), 0);
  EXPECT_EQ(play.seen(job).uid, Uid(0));
  EXPECT_EQ(play.seen(job).euid, Uid(1000));
  EXPECT_EQ(play.value(job, Sys::setresuid, {1000, 1000, 1000}), 0);
  EXPECT_EQ(play.kill(job, other, SIGTERM), -EPERM);
  EXPECT_EQ(play.value(job, Sys::setresuid, {0, 0, 0}), -EPERM);
  EXPECT_EQ(play.call(job, Sys::execve).doing, Doing::program) << "any user can run a puppet";
  EXPECT_EQ(play.value(job, Sys::open, {0}), 3) << "and use the files";
  EXPECT_EQ(play.value(job, Sys::semop, {0, 1, 0}), 0);
  EXPECT_EQ(play.value(job, Sys::shmat), 0);
  EXPECT_EQ(play.value(job, Sys::open_tty, {0}), 4);
  const auto child = play.fork(job);
  EXPECT_EQ(play.seen(child).suid, Uid(1000));
  EXPECT_EQ(play.kill(job, child, SIGKILL), 0);
}

TEST_F(StageTasks, TheLimitOnQueuedSignals) {
  Play play;
  const auto job = play.fork(kInit);
  play.value(job, Sys::rt_sigprocmask, {SIG_BLOCK, bits({SIGRTMIN})});
  EXPECT_EQ(play.value(job, Sys::prlimit, {RLIMIT_SIGPENDING, 0}), 0);
  EXPECT_EQ(play.value(kInit, Sys::rt_sigqueueinfo, {job, SIGRTMIN, SI_QUEUE, 1}), -EAGAIN)
      << "sigqueue(3)";
}

TEST_F(StageTasks, ATracerSeesSignalsFirst) {
  Play play;
  const auto job = play.fork(kInit);
  play.handle(job, SIGUSR1, kReturns);
  EXPECT_EQ(play.value(job, Sys::ptrace, {PTRACE_TRACEME, 0, 0}), 0);
  EXPECT_EQ(play.seen(job).tracer, Pid(1));
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.seen(job).doing, Doing::traced);
  EXPECT_EQ(play.value(kInit, Sys::wait4, {job, 0}), job);
  EXPECT_EQ(play.seen(kInit).last.status, SIGUSR1 << 8 | 0x7f);
  EXPECT_EQ(play.value(kInit, Sys::ptrace, {PTRACE_CONT, job, SIGUSR1}), 0);
  EXPECT_EQ(play.seen(job).ran.size(), 1U);
  play.kill(kInit, job, SIGUSR1);
  EXPECT_EQ(play.value(kInit, Sys::ptrace, {PTRACE_CONT, job, 0}), 0);
  EXPECT_TRUE(play.seen(job).ran.empty()) << "the tracer suppressed it";
}

TEST_F(StageTasks, AttachSeizeInterruptDetach) {
  Play play;
  const auto job = play.fork(kInit);
  const auto tracer = play.fork(kInit);
  EXPECT_EQ(play.value(tracer, Sys::ptrace, {PTRACE_ATTACH, job, 0}), 0);
  EXPECT_EQ(play.seen(job).doing, Doing::traced);
  EXPECT_EQ(play.seen(job).tracer, Pid(static_cast<int>(tracer)));
  EXPECT_EQ(play.seen(job).parent, Pid(1));
  EXPECT_EQ(play.value(tracer, Sys::ptrace, {PTRACE_DETACH, job, 0}), 0);
  EXPECT_EQ(play.seen(job).doing, Doing::program);
  EXPECT_EQ(play.value(tracer, Sys::ptrace, {PTRACE_SEIZE, job, 0}), 0);
  EXPECT_EQ(play.seen(job).doing, Doing::program);
  EXPECT_EQ(play.value(tracer, Sys::ptrace, {PTRACE_INTERRUPT, job, 0}), 0);
  EXPECT_EQ(play.seen(job).doing, Doing::traced);
  play.call(tracer, Sys::exit_group, {0});
  EXPECT_EQ(play.seen(job).doing, Doing::program) << "ptrace(2): its tracees are let go";
  EXPECT_EQ(play.seen(job).tracer, Pid(0));
}

TEST_F(StageTasks, AnExecThatWaitsForATracedThreadIsAtRest) {
  Play play;
  const auto job = play.fork(kInit);
  const auto thread = play.clone(job, kThread);
  const auto tracer = play.fork(kInit);
  EXPECT_EQ(play.value(tracer, Sys::ptrace, {PTRACE_SEIZE, thread, 0}), 0);
  const TaskSeen seen = play.call(job, Sys::execve);
  EXPECT_EQ(seen.doing, Doing::call) << "ptrace(2): until the tracer has waited for the thread";
  EXPECT_EQ(seen.in_call, Sys::execve);
  EXPECT_EQ(play.seen(thread).doing, Doing::zombie);
  EXPECT_EQ(play.value(tracer, Sys::wait4, {thread, __WALL}), thread);
  EXPECT_EQ(play.seen(job).doing, Doing::program);
}

TEST_F(StageTasks, AnInnerPidNamespace) {
  Play play;
  const auto outside = play.fork(kInit);
  const auto inner = play.clone(kInit, CLONE_NEWPID);
  EXPECT_EQ(inner, 3);
  EXPECT_EQ(play.seen(inner).pgrp, Pgid(0));
  EXPECT_EQ(play.fork(inner), 2) << "in its own numbers";
  ASSERT_TRUE(play.there(4));
  EXPECT_EQ(play.seen(4).parent, Pid(3));
  EXPECT_EQ(play.clone(inner, kThread), 3);
  EXPECT_EQ(play.seen(5).tgid, Pid(3));
  play.handle(4, SIGUSR1, kReturns);
  EXPECT_EQ(play.kill(inner, 2, SIGUSR1), 0);
  EXPECT_EQ(play.seen(4).ran.at(0).info.pid, Pid(1)) << "the sender as it numbers it";
  EXPECT_EQ(play.kill(outside, 4, SIGUSR1), 0);
  EXPECT_EQ(play.seen(4).ran.at(0).info.pid, Pid(0)) << "pid_namespaces(7): from outside";
  EXPECT_EQ(play.kill(4, 1, SIGKILL), 0);
  EXPECT_EQ(play.seen(inner).doing, Doing::program);
  EXPECT_EQ(play.kill(outside, inner, SIGKILL), 0);
  EXPECT_EQ(play.seen(inner).doing, Doing::zombie);
  EXPECT_FALSE(play.there(4)) << "with its init the namespace ends";
  EXPECT_FALSE(play.there(5));
}

TEST_F(StageTasks, ANamespaceWhoseInitWaitsForATracedOneIsAtRest) {
  Play play;
  const auto inner = play.clone(kInit, CLONE_NEWPID);
  EXPECT_EQ(play.fork(inner), 2);
  EXPECT_EQ(play.value(kInit, Sys::ptrace, {PTRACE_SEIZE, 3, 0}), 0);
  EXPECT_EQ(play.kill(kInit, inner, SIGKILL), 0);
  EXPECT_EQ(play.seen(3).doing, Doing::zombie) << "its tracer has not waited for it";
  EXPECT_NE(play.seen(inner).doing, Doing::zombie) << "its init cannot end before";
  EXPECT_EQ(play.value(kInit, Sys::wait4, {3, __WALL}), 3);
  EXPECT_FALSE(play.there(3));
  EXPECT_EQ(play.seen(inner).doing, Doing::zombie);
}

TEST_F(StageTasks, TheEndOfInitIsTheEndOfAll) {
  Play play;
  const auto job = play.fork(kInit);
  play.fork(job);
  play.call(kInit, Sys::exit_group, {0});
  EXPECT_FALSE(play.there(job));
  EXPECT_EQ(play.seen(kInit).doing, Doing::zombie);
}

}  // namespace
}  // namespace knell::test
