/// Being at rest is exact: nothing more comes of a step once `rest` has returned.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <random>

#include <gmock/gmock.h>

#include "play.hpp"

namespace knell::test {
namespace {

class StageRest : public StageTest {};

int from_environment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

void wait_milliseconds(int milliseconds) {
  const timespec time{0, milliseconds * 1'000'000L};
  nanosleep(&time, nullptr);
}

/// A step after which a chain of others act: kill, death, SIGCHLD, handler, wait.
TEST_F(StageRest, AChildsDeathHasReachedItsParentsHandler) {
  Play play;
  const auto parent = play.fork(kInit);
  play.handle(parent, SIGCHLD, kReturns);
  for (int i = 0; i < from_environment("KNELL_STAGE_ROUNDS", 400); ++i) {
    const auto child = play.fork(parent);
    EXPECT_EQ(play.kill(kInit, child, SIGKILL), 0);
    ASSERT_EQ(play.seen(child).doing, Doing::zombie) << i;
    ASSERT_EQ(play.seen(parent).ran.size(), 1U) << i;
    ASSERT_EQ(play.value(parent, Sys::wait4, {-1, WNOHANG}), child);
    ASSERT_FALSE(play.there(child));
  }
}

/// Each of the chain sleeps in read and writes nothing: the end of one closes the pipe of the next.
TEST_F(StageRest, AChainOfProcessesThatEndEachOtherHasEnded) {
  for (int i = 0; i < from_environment("KNELL_STAGE_ROUNDS", 400) / 20; ++i) {
    Play play;
    std::vector<std::int64_t> chain;
    std::int64_t last = kInit;
    for (int length = 0; length < 8; ++length) {
      last = play.fork(last);
      chain.push_back(last);
      EXPECT_EQ(play.value(last, Sys::prctl, {PR_SET_PDEATHSIG, SIGTERM}), 0);
      play.call(last == kInit ? kInit : last, Sys::alarm, {0});
    }
    play.kill(kInit, chain.front(), SIGTERM);
    for (const auto each : chain) ASSERT_EQ(play.seen(each).doing, Doing::zombie) << i;
    EXPECT_EQ(play.seen(chain.back()).parent, Pid(1));
  }
}

TEST_F(StageRest, ThreadsThatEndTogetherAreGoneAndTheirProcessIsTold) {
  Play play;
  play.handle(kInit, SIGCHLD, kReturns);
  for (int i = 0; i < from_environment("KNELL_STAGE_ROUNDS", 400) / 8; ++i) {
    const auto job = play.fork(kInit);
    std::int64_t thread = 0;
    for (int threads = 0; threads < 4; ++threads) thread = play.clone(job, kThread);
    play.call(job, Sys::exit, {0});
    play.call(thread, Sys::exit_group, {1});
    ASSERT_EQ(play.now().tasks.size(), 2U) << i;
    ASSERT_EQ(play.seen(kInit).ran.size(), 1U) << i;
    ASSERT_EQ(play.value(kInit, Sys::wait4, {-1, WNOHANG}), job) << i;
  }
}

/// The end of a pid namespace waits for the kernel's own workers, too; these are no part of the
/// scenario, and sleeping until they are done is no rest.
TEST_F(StageRest, AnEndThatWaitsForTheKernelIsWaitedFor) {
  for (int i = 0; i < from_environment("KNELL_STAGE_ROUNDS", 400) / 20; ++i) {
    Play play;
    for (int children = 0; children < 6; ++children) play.fork(kInit);
    if (i % 2 == 0) play.kill(kInit, -1, SIGKILL);
    if (i % 4 < 2) play.clone(kInit, kThread);
    play.call(kInit, Sys::exit_group, {0});
    ASSERT_EQ(play.now().tasks.size(), 1U) << i;
    ASSERT_EQ(play.seen(kInit).doing, Doing::zombie) << i;
    ASSERT_EQ(play.seen(kInit).threads, 1U) << i;
  }
}

/// Any call by anybody, and keys. Whatever it is: all that comes of it has come at rest.
class Monkey {
public:
  explicit Monkey(unsigned seed) : random_(seed) {}

  script::Action next(const conform::Observation& now) {
    if (chance(40)) return script::PressKey{0, static_cast<kernel::Key>(below(4))};
    if (chance(200)) return script::HangUp{0};
    std::vector<const TaskSeen*> free;
    for (const TaskSeen& each : now.tasks)
      if (each.doing == Doing::program) free.push_back(&each);
    const TaskSeen& actor = *free[below(free.size())];
    return script::MakeCall{actor.pid, call(now, actor)};
  }

  std::size_t below(std::size_t count) { return random_() % count; }
  bool chance(unsigned one_in) { return below(one_in) == 0; }

private:
  std::int64_t any(std::initializer_list<std::int64_t> of) { return of.begin()[below(of.size())]; }
  std::int64_t pid(const conform::Observation& now) {
    return now.tasks[below(now.tasks.size())].pid.value();
  }
  std::int64_t signal() {
    return any({SIGHUP, SIGUSR1, SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP,
                SIGKILL, SIGWINCH, SIGRTMIN, SIGRTMIN + 1});
  }
  std::int64_t set() { return any({0, bits({SIGUSR1}), bits({SIGCHLD, SIGUSR2}), bits({SIGHUP})}); }

  Call call(const conform::Observation& now, const TaskSeen& actor);
  Call signal_call(const conform::Observation& now);
  Call wait_call(const conform::Observation& now);
  Call task_call(const conform::Observation& now);
  Call file_call();

  std::mt19937 random_;
};

Call Monkey::call(const conform::Observation& now, const TaskSeen& actor) {
  if (actor.frames > 0 && chance(4)) return {Sys::rt_sigreturn};
  switch (below(8)) {
    case 0:
    case 1:
    case 2:
      return signal_call(now);
    case 3:
    case 4:
      return task_call(now);
    case 5:
    case 6:
      return wait_call(now);
    default:
      return file_call();
  }
}

Call Monkey::signal_call(const conform::Observation& now) {
  switch (below(9)) {
    case 0:
      return {Sys::kill, {any({0, -1, -pid(now)}), any({SIGHUP, SIGUSR1, SIGCONT, SIGTSTP})}};
    case 1:
    case 2:
      return {Sys::kill, {pid(now), signal()}};
    case 3:
      return {Sys::tkill, {pid(now), signal()}};
    case 4:
      return {Sys::rt_sigqueueinfo, {pid(now), signal(), SI_QUEUE, 5}};
    case 5:
      return {Sys::pidfd_send_signal, {pid(now), signal(), 0, 0}};
    case 6:
      return {Sys::rt_sigprocmask, {any({0, 1, 2}), set()}};
    case 7:
      return {Sys::sigaltstack, {any({0, SS_DISABLE, 1LL << 31})}};
    default:
      return {Sys::rt_sigaction,
              {signal(), any({0, 1, kReturns, kReturns, kHolds}),
               any({0, SA_RESTART, SA_ONSTACK, SA_NODEFER, SA_RESETHAND, SA_NOCLDWAIT}), set()}};
  }
}

Call Monkey::task_call(const conform::Observation& now) {
  switch (now.tasks.size() > 24 ? 4 + below(6) : below(12)) {
    case 0:
    case 1:
    case 10:
    case 11:
      return {Sys::clone, {0, SIGCHLD}};
    case 2:
      return {Sys::clone, {kThread, 0}};
    case 3:
      return {Sys::clone, {any({CLONE_VM | CLONE_VFORK, CLONE_NEWPID, CLONE_PARENT}), SIGCHLD}};
    case 4:
      return {any({0, 1}) == 0 ? Sys::exit : Sys::exit_group, {3}};
    case 5:
      return {Sys::execve};
    case 6:
      return {any({0, 1}) == 0 ? Sys::setsid : Sys::setpgid, {0, any({0, pid(now)})}};
    case 7:
      return {Sys::prctl, {any({PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER}), any({0, 1, SIGUSR1})}};
    case 8:
      return {Sys::ptrace, {any({PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE}), pid(now), 0}};
    default:
      return {Sys::ptrace,
              {any({PTRACE_CONT, PTRACE_DETACH, PTRACE_INTERRUPT, PTRACE_LISTEN}), pid(now),
               any({0, SIGUSR1})}};
  }
}

Call Monkey::wait_call(const conform::Observation& now) {
  switch (below(6)) {
    case 0:
      return {Sys::wait4, {-1, any({0, WNOHANG, WUNTRACED | WCONTINUED, __WALL})}};
    case 1:
      return {Sys::waitid, {any({P_ALL, P_PID, P_PIDFD}), pid(now), WEXITED | WNOHANG}};
    case 2:
      return {any({0, 1}) == 0 ? Sys::pause : Sys::rt_sigsuspend, {set()}};
    case 3:
      return {Sys::rt_sigtimedwait, {set(), any({0, -1})}};
    case 4:
      return {Sys::robust_lock, {any({0, 1}), any({0, 1})}};
    default:
      return {Sys::semop, {0, any({1, -1, 1}), any({0, 0x1000, 0x800})}};
  }
}

Call Monkey::file_call() {
  switch (below(10)) {
    case 0:
      return {Sys::pipe};
    case 1:
      return {Sys::read, {any({3, 4, 5})}};
    case 2:
      return {Sys::write, {any({3, 4, 5})}};
    case 3:
      return {Sys::close, {any({3, 4, 5})}};
    case 4:
      return {Sys::open, {any({0, 1})}};
    case 5:
      return {Sys::flock, {any({3, 4}), any({LOCK_SH, LOCK_EX, LOCK_UN})}};
    case 6:
      return {Sys::fcntl_setlk, {any({3, 4}), any({F_RDLCK, F_WRLCK, F_UNLCK}), any({0, 1})}};
    case 7:
      return {Sys::open_tty, {any({0, O_NOCTTY}), any({0, 0, 1})}};
    case 8:
      return {any({0, 1}) == 0 ? Sys::robust_unlock : Sys::signalfd, {any({0, 1})}};
    default:
      return {Sys::fault, {any({SIGSEGV, SIGFPE, SIGBUS})}};
  }
}

bool anybody_free(const conform::Observation& now) {
  return std::ranges::any_of(now.tasks,
                             [](const TaskSeen& t) { return t.doing == Doing::program; });
}

/// Without the handlers that ran: these are told once.
conform::Observation told(conform::Observation seen) {
  for (TaskSeen& each : seen.tasks) each.ran.clear();
  return seen;
}

TEST_F(StageRest, WhateverIsDoneNothingComesOfItAfterwards) {
  const auto seed = static_cast<unsigned>(from_environment("KNELL_STAGE_SEED", 1));
  for (unsigned scenario = 0;
       scenario < static_cast<unsigned>(from_environment("KNELL_STAGE_SCENARIOS", 40));
       ++scenario) {
    Monkey monkey(seed + scenario);
    Play play;
    for (int step = 0; step < 60 && anybody_free(play.now()); ++step) {
      const auto done = play.stage().perform(monkey.next(play.now()));
      if (!done && done.error().number == ENOTSUP) continue;
      must(done);
      play.rest();
      const conform::Observation seen = told(play.now());
      if (monkey.chance(10)) wait_milliseconds(1);
      play.rest();
      ASSERT_THAT(differences(seen, play.now()), testing::IsEmpty())
          << "seed " << seed + scenario << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace knell::test
