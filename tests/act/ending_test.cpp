#include "knell/act/ending.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include <gtest/gtest.h>

#include "act/plans.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/own_cgroup.hpp"

namespace knell::act {
namespace {

using namespace test;

const std::vector<Step> kTermThenKill{{signals::kTerm, kLong}, {signals::kKill}};
const std::vector<Step> kKill{{signals::kKill}};

TEST(Ending, TermEndsWhatDoesNothingAboutIt) {
  const auto machine = this_machine();
  const Child child(behaviour::sleeping());
  const auto outcome = end_now(machine, plan_for(machine, {child.id()}, kTermThenKill));
  ASSERT_EQ(outcome.processes.size(), 1U);
  const auto& process = outcome.processes[0];
  EXPECT_EQ(process.fate, Fate::ended);
  EXPECT_EQ(process.status, WaitStatus::killed(signals::kTerm));
  EXPECT_EQ(process.last_signal, signals::kTerm);
  EXPECT_FALSE(process.zombie);
  EXPECT_TRUE(outcome.waited);
  EXPECT_FALSE(outcome.interrupted);
  EXPECT_FALSE(child.lives());
  EXPECT_LT(process.took, kLong);
}

TEST(Ending, KillFollowsWhereTermIsIgnored) {
  const auto machine = this_machine();
  const Child child(behaviour::ignoring(SIGTERM));
  const auto forecast = plan_for(machine, {child.id()}, {{signals::kTerm, 50ms}, {signals::kKill}});
  const auto outcome = end_now(machine, forecast);
  EXPECT_EQ(outcome.processes[0].fate, Fate::ended);
  EXPECT_EQ(outcome.processes[0].status, WaitStatus::killed(signals::kKill));
  EXPECT_EQ(outcome.processes[0].last_signal, signals::kKill);
  EXPECT_GE(outcome.processes[0].took, 50ms);  // not before the step's time was over
}

TEST(Ending, TellsTheStatusThatAHandlerExitedWith) {
  const auto machine = this_machine();
  const Child child(behaviour::exiting_on(SIGTERM, 7));
  const auto outcome = end_now(machine, plan_for(machine, {child.id()}, kTermThenKill));
  EXPECT_EQ(outcome.processes[0].fate, Fate::ended);
  EXPECT_EQ(outcome.processes[0].status, WaitStatus::exited(7));
}

TEST(Ending, TellsTheStatusOfSomebodyElsesChild) {
  const auto machine = this_machine();
  const Subreaper subreaper;
  const Child parent([](const Handshake& test) {  // it never waits
    const pid_t child = fork();
    if (child == 0) {
      signal(SIGTERM, [](int) { _exit(7); });
      test.introduce(getpid());
    }
    behaviour::sleep_for_ever();
  });
  const ProcessId child = parent.first_process();
  const auto outcome = end_now(machine, plan_for(machine, {child}, kTermThenKill));
  EXPECT_EQ(outcome.processes[0].fate, Fate::ended);
  EXPECT_EQ(outcome.processes[0].status, WaitStatus::exited(7));
  EXPECT_TRUE(outcome.processes[0].zombie);
  EXPECT_EQ(outcome.processes[0].zombie_of, parent.id());
}

TEST(Ending, WithoutWaitingOnlyTheFirstSignalIsSent) {
  const auto machine = this_machine();
  Child child(behaviour::exiting_on(SIGTERM, 7));
  const Child deaf(behaviour::ignoring(SIGTERM));
  const auto forecast =
      plan_for(machine, {child.id(), deaf.id()}, {{signals::kTerm, 0ms}, {signals::kKill}});
  const auto outcome = end_now(machine, forecast, {.wait = false});
  EXPECT_FALSE(outcome.waited);
  EXPECT_EQ(outcome.rounds, 0U);
  for (const auto& process : outcome.processes) {
    EXPECT_EQ(process.fate, Fate::unknown);
    EXPECT_EQ(process.last_signal, signals::kTerm);
  }
  EXPECT_EQ(child.wait(), WaitStatus::exited(7));  // it was left to the test to wait for
  EXPECT_TRUE(deaf.lives());
}

TEST(Ending, OfWhatIsGoneSaysSoAndSendsNothing) {
  const auto machine = this_machine();
  Child child(behaviour::sleeping());
  const auto forecast = plan_for(machine, {child.id()}, kTermThenKill);
  kill(child.pid(), SIGKILL);
  child.wait();
  const auto outcome = end_now(machine, forecast);
  EXPECT_EQ(outcome.processes[0].fate, Fate::already_ended);
  EXPECT_FALSE(outcome.processes[0].last_signal);
  EXPECT_FALSE(outcome.processes[0].zombie);
}

TEST(Ending, OfAZombieSaysWhoseItIs) {
  const auto machine = this_machine();
  const Child keeper(behaviour::keeping_a_zombie());
  const ProcessId zombie = keeper.first_process();
  const auto outcome = end_now(machine, plan_for(machine, {zombie}, kTermThenKill));
  EXPECT_EQ(outcome.processes[0].fate, Fate::already_ended);
  EXPECT_FALSE(outcome.processes[0].last_signal);
  EXPECT_TRUE(outcome.processes[0].zombie);
  EXPECT_EQ(outcome.processes[0].zombie_of, keeper.id());
  EXPECT_EQ(outcome.processes[0].zombie_of_name, "test_act");
  EXPECT_TRUE(keeper.lives());
}

TEST(Ending, AProcessWhoseLeaderEndedIsAliveUntilItIsEnded) {
  const auto machine = this_machine();
  const Child child(behaviour::leader_gone());
  ASSERT_EQ(state_letter(child.pid()), 'Z');
  const auto outcome = end_now(machine, plan_for(machine, {child.id()}, kKill));
  EXPECT_EQ(outcome.processes[0].fate, Fate::ended);
  EXPECT_EQ(outcome.processes[0].status, WaitStatus::killed(signals::kKill));
}

TEST(Ending, WhatIsStoppedSurvivesTermAndTheReasonIsGiven) {
  const auto machine = this_machine();
  const Child child(behaviour::sleeping());
  kill(child.pid(), SIGSTOP);
  ASSERT_TRUE(eventually([&] { return state_letter(child.pid()) == 'T'; }));
  const auto forecast = plan_for(machine, {child.id()}, {{signals::kTerm}});
  const auto outcome = end_now(machine, forecast, {.last_wait = 50ms});
  EXPECT_EQ(outcome.processes[0].fate, Fate::survived);
  EXPECT_EQ(outcome.processes[0].why, "stopped; TERM waits until it continues");
  EXPECT_EQ(state_letter(child.pid()), 'T');  // no signal was sent that was not in the plan
}

TEST(Ending, WhatIsStoppedDiesOfKill) {
  const auto machine = this_machine();
  const Child child(behaviour::sleeping());
  kill(child.pid(), SIGSTOP);
  ASSERT_TRUE(eventually([&] { return state_letter(child.pid()) == 'T'; }));
  const auto outcome = end_now(machine, plan_for(machine, {child.id()}, kKill));
  EXPECT_EQ(outcome.processes[0].fate, Fate::ended);
}

TEST(Ending, SurvivorsAreToldByWhatTheyDoAboutTheSignal) {
  const auto machine = this_machine();
  const Child ignores(behaviour::ignoring(SIGTERM));
  const Child blocks(behaviour::blocking(SIGTERM));
  const Child handles(
      behaviour::on(SIGTERM, [](const Handshake&) { behaviour::sleep_for_ever(); }));
  const auto forecast =
      plan_for(machine, {ignores.id(), blocks.id(), handles.id()}, {{signals::kTerm}});
  const auto outcome = end_now(machine, forecast, {.last_wait = 300ms});
  EXPECT_EQ(outcome.processes[0].why, "ignores TERM");
  EXPECT_EQ(outcome.processes[1].why, "blocks TERM");
  EXPECT_EQ(outcome.processes[2].why, "its handler for TERM did not end it");
  for (const auto& process : outcome.processes) EXPECT_EQ(process.fate, Fate::survived);
}

TEST(Ending, WhatThePlanSaidToBeImmuneIsToldInItsWords) {
  const auto machine = this_machine();
  const Child child(behaviour::ignoring(SIGTERM));
  auto forecast = plan_for(machine, {child.id()}, {{signals::kTerm}});
  forecast.processes[0].steps.push_back({.step = forecast.steps[0],
                                         .effect = plan::Effect::immune,
                                         .why = "init of a pid namespace"});
  const auto outcome = end_now(machine, forecast, {.last_wait = 20ms});
  EXPECT_EQ(outcome.processes[0].fate, Fate::survived);
  EXPECT_EQ(outcome.processes[0].why, "init of a pid namespace");
}

TEST(Ending, AllOfAThousandAreCounted) {
  const auto machine = this_machine();
  constexpr std::size_t kHerd = 1000;
  const Child parent(behaviour::having_children(kHerd));
  const std::vector<ProcessId> herd = children_of(parent, kHerd);
  const auto outcome = end_now(machine, plan_for(machine, herd, kKill));
  ASSERT_EQ(outcome.processes.size(), kHerd);
  for (std::size_t i = 0; i < herd.size(); ++i) {
    EXPECT_EQ(outcome.processes[i].id, herd[i]);
    EXPECT_EQ(outcome.processes[i].fate, Fate::ended);
    EXPECT_FALSE(outcome.processes[i].zombie);
  }
  EXPECT_NE(outcome.freed.source, plan::Freed::Source::none);
}

TEST(Ending, MemoryIsCountedByTheCgroupThatHoldsThemAll) {
  const auto root = test::OwnCgroup::root_for_memory();
  if (geteuid() != 0 || !root) GTEST_SKIP() << "needs root and a memory controller";
  const test::OwnCgroup cgroup(*root);
  if (!cgroup.made()) GTEST_SKIP() << "cgroups cannot be made here";
  const auto machine = this_machine();
  if (!machine.cgroup_memory(cgroup.name())) GTEST_SKIP() << "memory is not counted there";
  constexpr std::int64_t kSize = 32 << 20;
  const Child child([&](const Handshake& test) {
    if (!cgroup.write("cgroup.procs", std::to_string(getpid()))) _exit(1);
    const std::string memory(kSize, 'x');
    test.tell(memory.back());
    behaviour::sleep_for_ever();
  });
  const auto outcome = end_now(machine, plan_for(machine, {child.id()}, kKill));
  EXPECT_EQ(outcome.freed.source, plan::Freed::Source::cgroup);
  // Each processor keeps up to 64 pages charged in advance (mm/memcontrol.c, MEMCG_CHARGE_BATCH).
  EXPECT_GE(outcome.freed.bytes, kSize - 64 * 4096 * sysconf(_SC_NPROCESSORS_ONLN));
}

struct Recorder : Observer {
  std::vector<Progress> told;
  void progress(const Progress& progress) override { told.push_back(progress); }
};

TEST(Ending, TellsItsProgressTenTimesASecondAtMost) {
  const auto machine = this_machine();
  const Child child(behaviour::ignoring(SIGTERM));
  Recorder recorder;
  const auto forecast = plan_for(machine, {child.id()}, {{signals::kTerm, 1s}, {signals::kKill}});
  const auto outcome = end_now(machine, forecast, {.last_wait = kLong}, &recorder);
  ASSERT_GE(recorder.told.size(), 3U);
  EXPECT_LE(recorder.told.size(), 1 + outcome.took / 100ms);
  const Progress& first = recorder.told.front();
  EXPECT_EQ(first.total, 1U);
  EXPECT_EQ(first.ended, 0U);
  EXPECT_EQ(first.signal, signals::kTerm);
  EXPECT_EQ(first.next, signals::kKill);
  EXPECT_GT(first.until_next, recorder.told[2].until_next);
}

}  // namespace
}  // namespace knell::act
