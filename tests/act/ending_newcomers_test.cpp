#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <gtest/gtest.h>

#include "act/plans.hpp"
#include "knell/act/ending.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"

namespace knell::act {
namespace {

using namespace test;

/// Forks one that the signal would end, as it does not end its parent, and introduces it.
pid_t bear_a_child(const Handshake& test) {
  const auto before = signal(SIGUSR1, SIG_DFL);
  const pid_t child = fork();
  if (child == 0) behaviour::sleep_for_ever();
  signal(SIGUSR1, before);
  test.introduce(child);
  return child;
}

void bear_a_child_and_leave(const Handshake& test) {
  bear_a_child(test);
}

void bear_a_child_and_stay(const Handshake& test) {
  bear_a_child(test);
  behaviour::sleep_for_ever();
}

ProcessId next_born(const Child& parent) {
  return parent.next_process().value();
}

/// Asks for this process's own group, by a flag that older kernels refuse with EINVAL.
bool group_can_be_asked_for() {
  const int self = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0U));
  const long asked = syscall(SYS_pidfd_send_signal, self, 0, nullptr, 1U << 2);
  const bool known = asked == 0 || errno != EINVAL;
  close(self);
  return known;
}

/// Nobody here is left for the second step, unless a newcomer was not found: then it takes long.
const std::vector<Step> kUsr1ThenKill{{signals::kUsr1, kLong}, {signals::kKill}};

const plan::ProcessOutcome* find(const plan::Outcome& outcome, ProcessId id) {
  const auto found = std::ranges::find(outcome.processes, id, &plan::ProcessOutcome::id);
  return found == outcome.processes.end() ? nullptr : &*found;
}

TEST(EndingNewcomers, AChildThatAHandlerForkedIsEndedToo) {
  const auto machine = this_machine();
  const Child parent(behaviour::on(SIGUSR1, [](const Handshake& test) {
    waitpid(bear_a_child(test), nullptr, 0);  // it leaves only when the child has been ended
  }));
  const auto outcome = end_now(machine, plan_for(machine, {parent.id()}, kUsr1ThenKill));
  const Guard born(next_born(parent));
  ASSERT_EQ(outcome.processes.size(), 2U);
  EXPECT_EQ(outcome.processes[0].id, parent.id());
  EXPECT_EQ(outcome.processes[0].status, WaitStatus::exited(0));
  EXPECT_EQ(outcome.processes[1].id, born.id());
  EXPECT_EQ(outcome.processes[1].role, plan::Role::born);
  EXPECT_EQ(outcome.processes[1].name, "test_act");
  EXPECT_EQ(outcome.processes[1].fate, Fate::ended);
  EXPECT_EQ(outcome.processes[1].last_signal, signals::kUsr1);
  EXPECT_GE(outcome.rounds, 2U);
}

TEST(EndingNewcomers, GoThroughTheStepsThatAreLeft) {
  const Subreaper subreaper;
  const auto machine = this_machine();
  const Child parent(behaviour::leading_a_group(behaviour::on(SIGTERM, [](const Handshake& test) {
    signal(SIGTERM, SIG_IGN);
    bear_a_child_and_leave(test);
  })));
  const auto forecast = plan_for(machine, {parent.id()}, {{signals::kTerm, 2s}, {signals::kKill}});
  const auto outcome = end_now(machine, forecast);
  const Guard born(next_born(parent));
  const auto* found = find(outcome, born.id());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->status, WaitStatus::killed(signals::kKill));
}

TEST(EndingNewcomers, AChildWhoseParentIsGoneIsKnownByTheGroup) {
  const Subreaper subreaper;
  const auto machine = this_machine();
  const Child parent(behaviour::leading_a_group(behaviour::on(SIGUSR1, bear_a_child_and_leave)));
  const auto outcome = end_now(machine, plan_for(machine, {parent.id()}, kUsr1ThenKill));
  const Guard born(next_born(parent));
  EXPECT_EQ(outcome.processes[0].status, WaitStatus::exited(0));
  const auto* found = find(outcome, born.id());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->status, WaitStatus::killed(signals::kUsr1));
}

TEST(EndingNewcomers, ReadingsWhileOneCouldStillForkProveNothing) {
  const Subreaper subreaper;
  const auto machine = this_machine();
  const Child parent(behaviour::leading_a_group(behaviour::on(SIGUSR1, [](const Handshake& test) {
    usleep(500'000);  // meanwhile several readings find nobody
    bear_a_child(test);
  })));
  const auto forecast =
      plan_for(machine, {parent.id()}, {{signals::kUsr1, kLong}, {signals::kKill}});
  const auto outcome = end_now(machine, forecast);
  const Guard born(next_born(parent));
  const auto* found = find(outcome, born.id());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->status, WaitStatus::killed(signals::kUsr1));
  EXPECT_LT(outcome.took, kLong);
}

TEST(EndingNewcomers, TheGroupIsKnownEvenWhenItsMakerWasWaitedFor) {
  if (!group_can_be_asked_for()) GTEST_SKIP() << "PIDFD_SIGNAL_PROCESS_GROUP needs Linux 6.9";
  const Subreaper subreaper;
  const auto machine = this_machine();
  const Child nanny([](const Handshake& test) {
    signal(SIGCHLD, SIG_IGN);  // the kernel waits for its children in its place
    if (fork() == 0) {
      signal(SIGCHLD, SIG_DFL);
      test.introduce(getpid());
      behaviour::leading_a_group(behaviour::on(SIGUSR1, bear_a_child_and_leave))(test);
      _exit(0);
    }
    behaviour::sleep_for_ever();
  });
  const Guard maker(nanny.first_process());
  ASSERT_EQ(nanny.next(), 0);  // it is ready
  const auto outcome = end_now(machine, plan_for(machine, {maker.id()}, kUsr1ThenKill));
  EXPECT_FALSE(outcome.processes[0].zombie);
  const Guard born(next_born(nanny));
  const auto* found = find(outcome, born.id());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->fate, Fate::ended);
  EXPECT_TRUE(nanny.lives());
}

TEST(EndingNewcomers, AChildBornBetweenPlanAndSignalsIsEndedToo) {
  const Subreaper subreaper;
  const auto machine = this_machine();
  const Child parent(behaviour::on(SIGUSR1, bear_a_child_and_stay));
  auto forecast = plan_for(machine, {parent.id()}, {{signals::kKill}});
  kill(parent.pid(), SIGUSR1);
  const Guard born(next_born(parent));
  forecast.before.now = StartTime(0);  // the plan is old: a person was asked in between
  const auto outcome = end_now(machine, forecast);
  const auto* found = find(outcome, born.id());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->fate, Fate::ended);
  EXPECT_FALSE(born.lives());
}

TEST(EndingNewcomers, OneThatKeepsForkingIsEndedWithAllItBore) {
  const auto machine = this_machine();
  constexpr std::size_t kChildren = 50;
  const Child parent(behaviour::on(SIGUSR1, [](const Handshake& test) {
    for (std::size_t i = 0; i < kChildren; ++i) bear_a_child(test);
    while (wait(nullptr) > 0) {
    }  // it leaves only when all of them have been ended
  }));
  const auto outcome = end_now(machine, plan_for(machine, {parent.id()}, kUsr1ThenKill));
  EXPECT_EQ(outcome.processes.size(), 1 + kChildren);
  for (std::size_t i = 0; i < kChildren; ++i) {
    const Guard born(next_born(parent));
    const auto* found = find(outcome, born.id());
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->fate, Fate::ended);
    EXPECT_EQ(found->last_signal, signals::kUsr1);
  }
}

TEST(EndingNewcomers, AreLeftAloneWhereOnlyTheNamedAreToEnd) {
  const Subreaper subreaper;
  const auto machine = this_machine();
  const Child parent(behaviour::leading_a_group(behaviour::on(SIGUSR1, bear_a_child_and_leave)));
  const auto outcome = end_now(machine, plan_for(machine, {parent.id()}, kUsr1ThenKill),
                               {.only = true, .last_wait = kLong});
  const Guard born(next_born(parent));
  EXPECT_EQ(outcome.processes.size(), 1U);
  EXPECT_EQ(outcome.rounds, 0U);
  EXPECT_TRUE(born.lives());
}

TEST(EndingNewcomers, AreNotThoseOfSomebodyElse) {
  const auto machine = this_machine();
  const Child bystander(behaviour::on(SIGUSR1, bear_a_child_and_stay));
  const Child child(behaviour::sleeping());
  const auto forecast = plan_for(machine, {child.id()}, {{signals::kKill}});
  kill(bystander.pid(), SIGUSR1);
  const Guard born(next_born(bystander));
  const auto outcome = end_now(machine, forecast);
  EXPECT_EQ(outcome.processes.size(), 1U);
  EXPECT_TRUE(born.lives());
}

}  // namespace
}  // namespace knell::act
