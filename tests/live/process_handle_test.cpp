#include "knell/live/process_handle.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <gtest/gtest.h>

#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"

namespace knell::live {
namespace {

using namespace test;

constexpr uid_t kNobody = 65534;

Machine this_machine() {
  auto machine = Machine::open();
  EXPECT_TRUE(machine) << machine.error().message();
  return std::move(*machine);
}

Inode inode_of_pidfd(pid_t pid) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0U));
  struct stat status{};
  EXPECT_EQ(fstat(fd, &status), 0);
  close(fd);
  return Inode(status.st_ino);
}

bool linux_is_at_least(int major, int minor) {
  utsname name{};
  uname(&name);
  int has_major = 0, has_minor = 0;
  EXPECT_EQ(std::sscanf(name.release, "%d.%d", &has_major, &has_minor), 2);
  return std::pair(has_major, has_minor) >= std::pair(major, minor);
}

int error_of(const Result<ProcessHandle>& handle) {
  return handle ? 0 : handle.error().number;
}

/// A process that had a number, and the one that has it now.
struct Reused {
  ProcessId former;
  Inode former_pidfd;
  Child newcomer;
};

/// Nothing if numbers cannot be chosen here.
std::optional<Reused> reuse_a_pid(const Behaviour& newcomer) {
  Child former(behaviour::sleeping());
  const ProcessId id = former.id();
  const Inode inode = inode_of_pidfd(former.pid());
  kill(former.pid(), SIGKILL);
  former.wait();
  std::optional<Child> made = Child::with_pid(former.pid(), newcomer);
  if (!made) return {};
  return Reused{id, inode, std::move(*made)};
}

#define SKIP_WITHOUT_SET_TID(reused) \
  if (!(reused)) GTEST_SKIP() << "clone3 with set_tid is not permitted here"

TEST(ProcessHandle, OpensTheProcessThatIsMeant) {
  const Machine machine = this_machine();
  const Child child(behaviour::sleeping());
  const auto handle = ProcessHandle::open(machine, child.id(), inode_of_pidfd(child.pid()));
  ASSERT_TRUE(handle) << handle.error().message();
  EXPECT_EQ(handle->id(), child.id());
  EXPECT_FALSE(handle->ended());
}

TEST(ProcessHandle, SendsASignalThroughTheHandle) {
  const Machine machine = this_machine();
  Child child(behaviour::exiting_on(SIGUSR1, 7));
  const auto handle = ProcessHandle::open(machine, child.id());
  ASSERT_TRUE(handle);
  ASSERT_TRUE(handle->send(signals::kUsr1));
  EXPECT_EQ(child.wait(), WaitStatus::exited(7));
}

TEST(ProcessHandle, OfAProcessThatIsGoneIsEsrch) {
  const Machine machine = this_machine();
  Child child(behaviour::sleeping());
  kill(child.pid(), SIGKILL);
  child.wait();
  EXPECT_EQ(error_of(ProcessHandle::open(machine, child.id())), ESRCH);
}

TEST(ProcessHandle, OfAThreadIsEsrch) {
  const Machine machine = this_machine();
  const Child child([](const Handshake& test) {
    pthread_t thread;
    auto tell_and_sleep = [](void* handshake) -> void* {
      static_cast<const Handshake*>(handshake)->introduce(gettid());
      behaviour::sleep_for_ever();
    };
    pthread_create(&thread, nullptr, tell_and_sleep, const_cast<Handshake*>(&test));
    behaviour::sleep_for_ever();
  });
  const ProcessId thread = child.first_process();
  ASSERT_NE(thread.pid, child.id().pid);
  EXPECT_EQ(error_of(ProcessHandle::open(machine, thread)), ESRCH);
}

TEST(ProcessHandle, RefusesAnotherStartTime) {
  const Machine machine = this_machine();
  const Child child(behaviour::sleeping());
  ProcessId other = child.id();
  other.start = StartTime(other.start.value() - 1);
  const auto handle = ProcessHandle::open(machine, other);
  ASSERT_FALSE(handle);
  EXPECT_EQ(handle.error().message(), "cannot open process " + std::to_string(child.pid()) +
                                          ": No such process (its number is another's by now)");
}

TEST(ProcessHandle, RefusesAReusedPidOfTheSameClockTick) {
  const Machine machine = this_machine();
  if (!linux_is_at_least(6, 9)) GTEST_SKIP() << "a pidfd's inode tells nothing before Linux 6.9";
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const auto reused = reuse_a_pid(behaviour::sleeping());
    SKIP_WITHOUT_SET_TID(reused);
    if (reused->newcomer.id() != reused->former) continue;  // the clock ticked in between
    // The start time cannot tell the two apart, the inode can.
    EXPECT_TRUE(ProcessHandle::open(machine, reused->former));
    EXPECT_EQ(error_of(ProcessHandle::open(machine, reused->former, reused->former_pidfd)), ESRCH);
    return;
  }
  FAIL() << "no two processes with one number were started in one clock tick";
}

TEST(ProcessHandle, RefusesAPidThatWasReusedLater) {
  const Machine machine = this_machine();
  auto reused = reuse_a_pid(behaviour::sleeping());
  SKIP_WITHOUT_SET_TID(reused);
  const bool later = eventually([&] {
    if (reused->newcomer.id() != reused->former) return true;
    const ProcessId former = reused->former;
    reused.reset();
    reused.emplace(
        Reused{former, Inode{}, *Child::with_pid(former.pid.value(), behaviour::sleeping())});
    return false;
  });
  ASSERT_TRUE(later);
  EXPECT_EQ(error_of(ProcessHandle::open(machine, reused->former)), ESRCH);
}

TEST(ProcessHandle, NeverSignalsWhoGotTheNumberLater) {
  const Machine machine = this_machine();
  Child former(behaviour::sleeping());
  const auto handle = ProcessHandle::open(machine, former.id());
  ASSERT_TRUE(handle);
  kill(former.pid(), SIGKILL);
  former.wait();

  auto newcomer = Child::with_pid(former.pid(), behaviour::exiting_on(SIGTERM, 7));
  SKIP_WITHOUT_SET_TID(newcomer);
  for (Signal signal : {signals::kTerm, signals::kKill}) {
    const auto sent = handle->send(signal);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().number, ESRCH);
  }
  EXPECT_TRUE(handle->ended());
  EXPECT_TRUE(newcomer->lives());
  kill(newcomer->pid(), SIGTERM);  // it would have noticed
  EXPECT_EQ(newcomer->wait(), WaitStatus::exited(7));
}

TEST(ProcessHandle, EndedTellsAZombieFromTheLiving) {
  const Machine machine = this_machine();
  Child child(behaviour::sleeping());
  const auto handle = ProcessHandle::open(machine, child.id());
  ASSERT_TRUE(handle);
  EXPECT_FALSE(handle->ended());
  kill(child.pid(), SIGKILL);
  EXPECT_TRUE(eventually([&] { return handle->ended(); }));
  EXPECT_EQ(state_letter(child.pid()), 'Z');
  child.wait();
  EXPECT_TRUE(handle->ended());
}

TEST(ProcessHandle, KeepsItsNumberUntilItIsWaitedFor) {
  const Machine machine = this_machine();
  Child child(behaviour::sleeping());
  const auto handle = ProcessHandle::open(machine, child.id());
  ASSERT_TRUE(handle);
  EXPECT_TRUE(handle->keeps_its_number());
  kill(child.pid(), SIGKILL);
  EXPECT_TRUE(eventually([&] { return handle->ended(); }));
  EXPECT_TRUE(handle->keeps_its_number()) << "a zombie has its number";
  child.wait();
  EXPECT_FALSE(handle->keeps_its_number());
}

TEST(ProcessHandle, ItsGroupLivesAsLongAsItHasAMember) {
  if (!linux_is_at_least(6, 9)) GTEST_SKIP() << "PIDFD_SIGNAL_PROCESS_GROUP needs Linux 6.9";
  const Machine machine = this_machine();
  const Subreaper adopt;
  Child maker(behaviour::leading_a_group([](const Handshake& test) {
    if (fork() == 0) {
      test.introduce(getpid());
      behaviour::sleep_for_ever();
    }
    behaviour::sleep_for_ever();
  }));
  Guard member(maker.first_process());
  const auto handle = ProcessHandle::open(machine, maker.id());
  ASSERT_TRUE(handle);
  kill(maker.pid(), SIGKILL);
  maker.wait();
  EXPECT_FALSE(handle->keeps_its_number());
  EXPECT_TRUE(handle->its_group_lives());
  kill(member.pid(), SIGKILL);
  member.wait();
  EXPECT_FALSE(handle->its_group_lives());
}

TEST(ProcessHandle, AProcessLivesThoughItsLeaderEnded) {
  const Machine machine = this_machine();
  const Child child(behaviour::leader_gone());
  ASSERT_EQ(state_letter(child.pid()), 'Z');
  const auto handle = ProcessHandle::open(machine, child.id());
  ASSERT_TRUE(handle) << handle.error().message();
  EXPECT_FALSE(handle->ended());
  EXPECT_FALSE(handle->exit_status(machine));
}

TEST(ProcessHandle, WaitsForAChildOfOurOwn) {
  const Machine machine = this_machine();
  const Child child(behaviour::exiting_on(SIGTERM, 7));
  const auto handle = ProcessHandle::open(machine, child.id());
  ASSERT_TRUE(handle);
  EXPECT_FALSE(handle->exit_status(machine));
  ASSERT_TRUE(handle->send(signals::kTerm));
  ASSERT_TRUE(eventually([&] { return handle->ended(); }));
  EXPECT_EQ(handle->exit_status(machine), WaitStatus::exited(7));
  EXPECT_EQ(waitpid(child.pid(), nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ProcessHandle, TellsWhichSignalEndedAChild) {
  const Machine machine = this_machine();
  const Child child(behaviour::sleeping());
  const auto handle = ProcessHandle::open(machine, child.id());
  ASSERT_TRUE(handle && handle->send(signals::kTerm));
  ASSERT_TRUE(eventually([&] { return handle->ended(); }));
  EXPECT_EQ(handle->exit_status(machine), WaitStatus::killed(signals::kTerm));
}

TEST(ProcessHandle, TellsHowSomebodyElsesZombieEnded) {
  const Machine machine = this_machine();
  const Child keeper(behaviour::keeping_a_zombie());
  const auto handle = ProcessHandle::open(machine, keeper.first_process());
  ASSERT_TRUE(handle) << handle.error().message();
  EXPECT_TRUE(handle->ended());
  EXPECT_EQ(handle->exit_status(machine), WaitStatus::exited(3));
}

TEST(ProcessHandle, TellsHowSomebodyElsesChildEndedAfterItWasWaitedFor) {
  if (!linux_is_at_least(6, 15)) GTEST_SKIP() << "PIDFD_INFO_EXIT needs Linux 6.15";
  const Machine machine = this_machine();
  const Child parent([](const Handshake& test) {
    const pid_t child = fork();
    if (child == 0) {
      test.introduce(getpid());
      behaviour::sleep_for_ever();
    }
    waitpid(child, nullptr, 0);
    test.tell(-1);
    behaviour::sleep_for_ever();
  });
  const auto handle = ProcessHandle::open(machine, parent.first_process());
  ASSERT_TRUE(handle && handle->send(signals::kUsr1));
  ASSERT_EQ(parent.next(), -1);  // it was waited for
  EXPECT_EQ(handle->exit_status(machine), WaitStatus::killed(signals::kUsr1));
}

TEST(ProcessHandle, SaysThatASignalIsNotPermitted) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to have a process that others may not signal";
  const Child roots(behaviour::sleeping());
  const Child user(behaviour::as_user(kNobody, [&](const Handshake& test) {
    const auto machine = Machine::open();
    const auto handle = ProcessHandle::open(*machine, roots.id());
    test.tell(handle ? 0 : handle.error().number);
    const auto sent = handle->send(signals::kTerm);
    test.tell(sent ? 0 : sent.error().number);
  }));
  EXPECT_EQ(user.first(), 0);
  EXPECT_EQ(user.next(), EPERM);
  EXPECT_TRUE(roots.lives());
}

TEST(ProcessHandle, SaysThatNoDescriptorIsLeft) {
  const Child target(behaviour::sleeping());
  const Child poor([&](const Handshake& test) {
    const auto machine = Machine::open();
    while (dup(0) >= 0) {
    }
    const auto handle = ProcessHandle::open(*machine, target.id());
    test.tell(handle ? 0 : handle.error().number);
  });
  EXPECT_EQ(poor.first(), EMFILE);
}

}  // namespace
}  // namespace knell::live
