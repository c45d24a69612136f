#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "gtest/gtest.h"
#include "in_child.hpp"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::eventually;
namespace behaviour = knell::test::behaviour;

TEST(MachineCondition, OfAStoppedOneWithASignalWaiting) {
  const Child child(behaviour::ignoring(SIGHUP));
  kill(child.pid(), SIGSTOP);
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(child.pid()), &info, WSTOPPED | WNOWAIT);
  kill(child.pid(), SIGTERM);
  const auto machine = Machine::open();
  const auto condition = machine->condition(child.id());
  ASSERT_TRUE(condition);
  EXPECT_EQ(condition->state, TaskState::stopped);
  EXPECT_EQ(condition->nr_threads, 1U);
  EXPECT_EQ(condition->pending, SigSet{signals::kTerm});
  EXPECT_TRUE(condition->ignored.has(signals::kHup));
  EXPECT_EQ(condition->parent, Pid(getpid()));
  std::array<char, 16> own{};
  prctl(PR_GET_NAME, own.data());
  EXPECT_EQ(condition->parent_comm, own.data());
  EXPECT_FALSE(condition->exit_code);
  EXPECT_FALSE(condition->frozen);
}

TEST(MachineCondition, AZombieTellsHowItEnded) {
  const Child child(behaviour::sleeping());
  kill(child.pid(), SIGTERM);
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT);
  const auto machine = Machine::open();
  const auto condition = machine->condition(child.id());
  ASSERT_TRUE(condition);
  EXPECT_EQ(condition->state, TaskState::zombie);
  EXPECT_EQ(condition->nr_threads, 1U);
  EXPECT_EQ(condition->exit_code, WaitStatus::killed(signals::kTerm));
}

TEST(MachineCondition, AnExitStatusOfZeroIsToldFromNotBeingAllowedToSeeIt) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  const ProcessId id = knell::test::identity(pid);
  const auto machine = Machine::open();
  EXPECT_EQ(machine->condition(id)->exit_code, WaitStatus::exited(0));
  EXPECT_EQ(test::in_child([&] {
              KNELL_CHECK(setresuid(65534, 65534, 65534) == 0);
              const auto others = Machine::open();
              const auto condition = others->condition(id);
              KNELL_CHECK(condition && condition->state == TaskState::zombie);
              KNELL_CHECK(!condition->exit_code);
              return true;
            }),
            0);
  waitpid(pid, nullptr, 0);
}

TEST(MachineCondition, ALeaderThatEndedBeforeItsThreads) {
  const Child child(behaviour::leader_gone());
  const auto machine = Machine::open();
  ASSERT_TRUE(eventually([&] { return knell::test::state_letter(child.pid()) == 'Z'; }));
  const auto condition = machine->condition(child.id());
  ASSERT_TRUE(condition);
  EXPECT_EQ(condition->state, TaskState::zombie);
  EXPECT_EQ(condition->nr_threads, 2U);
  EXPECT_FALSE(condition->exit_code) << "the process has not ended";
}

TEST(MachineCondition, OfAnotherProcessWithTheSameNumberThereIsNone) {
  const Child child(behaviour::sleeping());
  const auto machine = Machine::open();
  const ProcessId other{child.id().pid, StartTime(child.id().start.value() + 1)};
  const auto condition = machine->condition(other);
  ASSERT_FALSE(condition);
  EXPECT_EQ(condition.error().number, ESRCH);
}

/// Mounts a /proc that hides other users' processes and becomes a user.
bool hide(const char* options) {
  KNELL_CHECK(unshare(CLONE_NEWNS) == 0);
  KNELL_CHECK(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
  KNELL_CHECK(mount("proc", "/proc", "proc", 0, options) == 0);
  KNELL_CHECK(setresgid(65534, 65534, 65534) == 0);
  KNELL_CHECK(setresuid(65534, 65534, 65534) == 0);
  return true;
}

bool says_hidden(const World& world, const char* what) {
  return std::ranges::find(world.unread, what, &Unread::what) != world.unread.end();
}

TEST(MachineHidden, WhatProcHidesIsSaid) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(hide("hidepid=2"));
              const auto machine = Machine::open();
              KNELL_CHECK(machine);
              const auto world = machine->read({});
              KNELL_CHECK(world && world->find(Pid(getpid())) && !world->find(Pid(getppid())));
              KNELL_CHECK(says_hidden(*world, "other users' processes (hidepid=2)"));
              const std::vector pids{Pid(getppid())};
              const auto some = machine->read_some(pids, Known::stat);
              KNELL_CHECK(some && !some->find(pids[0]));
              KNELL_CHECK(says_hidden(*some, "other users' processes (hidepid=2)"));
              return true;
            }),
            0);
}

TEST(MachineHidden, ThoseThatAreListedButNotShownAreCounted) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(hide("hidepid=1"));
              const auto machine = Machine::open();
              const auto world = machine->read({});
              KNELL_CHECK(world && !world->find(Pid(getppid())));
              KNELL_CHECK(world->unread.size() == 1);
              KNELL_CHECK(world->unread[0].what == "other users' processes (hidepid=1)");
              KNELL_CHECK(world->unread[0].count >= 1);
              return true;
            }),
            0);
}

TEST(MachineHidden, NothingIsHiddenFromThoseWhoSeeAll) {
  const auto machine = Machine::open();
  const auto world = machine->read({});
  ASSERT_TRUE(world);
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  EXPECT_TRUE(world->unread.empty());
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(unshare(CLONE_NEWNS) == 0);
              KNELL_CHECK(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
              KNELL_CHECK(mount("proc", "/proc", "proc", 0, "hidepid=2") == 0);
              const auto shown = Machine::open()->read({});
              KNELL_CHECK(shown && shown->find(Pid(getppid())) && shown->unread.empty());
              return true;
            }),
            0);
}

}  // namespace
}  // namespace knell::live
