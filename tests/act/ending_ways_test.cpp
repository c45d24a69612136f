#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "act/plans.hpp"
#include "knell/act/ending.hpp"
#include "knell/act/reclaim.hpp"
#include "knell/live/cgroup.hpp"
#include "knell/live/process_handle.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/own_cgroup.hpp"

namespace knell::act {
namespace {

using namespace test;
using live::Cgroup;

/// What a family shares: how many of it were born, and whether it is to end by itself.
struct Brood {
  std::atomic<bool> begun = false;
  std::atomic<int> born = 0;
  std::atomic<bool> over = false;
};

class SharedBrood {
public:
  SharedBrood()
      : brood_(new(mmap(nullptr, sizeof(Brood), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0)) Brood) {}
  SharedBrood(const SharedBrood&) = delete;
  SharedBrood& operator=(const SharedBrood&) = delete;
  ~SharedBrood() {
    brood_->over = true;  // whoever got away ends now
    munmap(brood_, sizeof(Brood));
  }
  Brood* operator->() const { return brood_; }
  [[nodiscard]] Brood* get() const { return brood_; }

private:
  Brood* brood_;
};

/// All of them fork as fast as they can, until so many were born. They end when told to, or after a
/// minute.
[[noreturn]] void breed(Brood* brood, int most) {
  signal(SIGCHLD, SIG_IGN);
  alarm(60);
  while (!brood->begun) usleep(1000);
  while (!brood->over) {
    if (++brood->born > most) {
      --brood->born;
      usleep(1000);
      continue;
    }
    const pid_t child = fork();
    if (child < 0) --brood->born;
    if (child == 0) alarm(60);
  }
  _exit(0);
}

TEST(EndingWays, HoldsAGrowingFamilyStill) {
  const SharedBrood brood;
  const Child bomb([&](const Handshake& test) {
    test.ready();
    breed(brood.get(), 400);
  });
  const auto machine = this_machine();
  const plan::Forecast forecast = plan_for(machine, {bomb.id()}, {{signals::kKill}});
  brood->begun = true;  // who lives when it is planned, and is not in the plan, is to be left alone
  ASSERT_TRUE(eventually([&] { return brood->born > 50; }));
  const plan::Outcome outcome = end_now(machine, forecast);
  EXPECT_TRUE(std::ranges::all_of(outcome.processes, [](const auto& each) {
    return each.fate == Fate::ended || each.fate == Fate::already_ended;
  }));
  const int born = brood->born;
  usleep(50'000);
  EXPECT_EQ(brood->born, born) << "somebody still forks; readings: " << outcome.rounds
                               << ", found: " << outcome.processes.size()
                               << ", held still: " << outcome.held_still
                               << ", may have missed: " << outcome.may_have_missed;
}

pid_t bear() {
  const pid_t child = behaviour::fork_bound();
  if (child == 0) behaviour::sleep_for_ever();
  return child;
}

/// Has a child at any time, but no child for long.
[[noreturn]] void bear_and_bury() {
  for (pid_t elder = bear();;) {
    const pid_t younger = bear();
    usleep(5000);
    kill(elder, SIGKILL);
    waitpid(elder, nullptr, 0);
    elder = younger;
  }
}

/// SIGTERM finds it stopped, and its handler runs when it goes on.
TEST(EndingWays, AHandlerRunsThoughItWasHeldStill) {
  const Child parent([](const Handshake& test) {
    signal(SIGTERM, [](int) { _exit(7); });
    test.ready();
    bear_and_bury();
  });
  const auto machine = this_machine();
  const plan::Forecast forecast =
      plan_for(machine, {parent.id()}, {{signals::kTerm, kLong}, {signals::kKill}});
  usleep(50'000);  // it has had more children since it was planned
  const plan::Outcome outcome = end_now(machine, forecast);
  EXPECT_TRUE(outcome.held_still);
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::ended);
  EXPECT_EQ(outcome.processes.at(0).status, WaitStatus(7 << 8));
}

TEST(EndingWays, AStopIsNotUndone) {
  const Child parent([](const Handshake& test) {
    test.ready();
    bear_and_bury();
  });
  const auto machine = this_machine();
  const plan::Forecast forecast = plan_for(machine, {parent.id()}, {{signals::kStop}});
  usleep(50'000);
  const plan::Outcome outcome = end_now(machine, forecast, {.last_wait = 100ms});
  EXPECT_FALSE(outcome.held_still);
  EXPECT_TRUE(eventually(
      [&] { return machine.condition(parent.id()).value().state == TaskState::stopped; }));
}

class InAGroup : public testing::Test {
protected:
  void make(const std::optional<std::string>& root, Cgroup::Version version) {
    if (!root) GTEST_SKIP() << "skipped: no such cgroups are mounted here";
    const Cgroup group =
        Cgroup(*root, version).child("knell-test-ways-" + std::to_string(getpid()));
    if (const Result<void> made = group.make(); !made)
      GTEST_SKIP() << "skipped: " << made.error().message();
    group_ = group;
  }
  void TearDown() override {
    if (group_.path().empty()) return;
    if (group_.can_freeze()) static_cast<void>(group_.thaw());
    EXPECT_TRUE(eventually([&] { return group_.remove().has_value(); }));
  }

  Cgroup group_{""};
};

TEST_F(InAGroup, KillsOneThatIsAllTheirs) {
  make(OwnCgroup::root("cgroup2", ""), Cgroup::Version::v2);
  if (IsSkipped()) return;
  if (!group_.can_kill()) GTEST_SKIP() << "skipped: no cgroup.kill (Linux 5.14)";
  const Child child(behaviour::ignoring(SIGTERM));
  ASSERT_TRUE(group_.add(child.id().pid));
  const auto machine = this_machine();
  const auto outcome = end_now(machine, plan_for(machine, {child.id()}, {{signals::kKill}}));
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::ended);
  EXPECT_EQ(outcome.killed_groups, std::vector{group_.path()});
}

TEST_F(InAGroup, LeavesOneThatIsAlsoAnothers) {
  make(OwnCgroup::root("cgroup2", ""), Cgroup::Version::v2);
  if (IsSkipped()) return;
  const Child child(behaviour::sleeping());
  const Child innocent(behaviour::sleeping());
  const Cgroup inside = group_.child("inside");
  ASSERT_TRUE(inside.make());
  ASSERT_TRUE(group_.add(child.id().pid));
  ASSERT_TRUE(inside.add(innocent.id().pid));
  const auto machine = this_machine();
  const auto outcome = end_now(machine, plan_for(machine, {child.id()}, {{signals::kKill}}));
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::ended);
  EXPECT_TRUE(outcome.killed_groups.empty());
  EXPECT_NE(machine.condition(innocent.id()).value().state, TaskState::zombie);
  EXPECT_TRUE(inside.kill());
  EXPECT_TRUE(eventually([&] { return inside.remove().has_value(); }));
}

TEST_F(InAGroup, ThawsOneThatIsAllTheirs) {
  make(OwnCgroup::root("cgroup", "freezer"), Cgroup::Version::v1);
  if (IsSkipped()) return;
  const Child child(behaviour::sleeping());
  ASSERT_TRUE(group_.add(child.id().pid));
  ASSERT_TRUE(group_.freeze());
  ASSERT_TRUE(eventually([&] { return group_.frozen() == true; }));
  const auto machine = this_machine();
  const auto outcome = end_now(machine, plan_for(machine, {child.id()}, {{signals::kKill}}));
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::ended);
  EXPECT_EQ(outcome.thawed_groups, std::vector{group_.path()});
}

TEST_F(InAGroup, LeavesOneFrozenThatIsAlsoAnothers) {
  make(OwnCgroup::root("cgroup", "freezer"), Cgroup::Version::v1);
  if (IsSkipped()) return;
  const Child child(behaviour::sleeping());
  const Child innocent(behaviour::sleeping());
  ASSERT_TRUE(group_.add(child.id().pid));
  ASSERT_TRUE(group_.add(innocent.id().pid));
  ASSERT_TRUE(group_.freeze());
  ASSERT_TRUE(eventually([&] { return group_.frozen() == true; }));
  const auto machine = this_machine();
  const auto outcome =
      end_now(machine, plan_for(machine, {child.id()}, {{signals::kKill}}), {.last_wait = 200ms});
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::survived);
  EXPECT_EQ(outcome.processes.at(0).why, "frozen by its cgroup");
  EXPECT_EQ(group_.frozen(), true);
  EXPECT_TRUE(group_.thaw());
}

/// In a session of its own, with a child that the plan does not know.
void lead_a_session(const Handshake& test) {
  setsid();
  const pid_t child = fork();
  if (child == 0) behaviour::sleep_for_ever();
  test.introduce(child);
  behaviour::sleep_for_ever();
}

TEST(EndingWays, KillsTheProcessGroupsOfASessionThatIsAllTheirs) {
  const Child leader(lead_a_session);
  const ProcessId child = leader.first_process();
  const auto machine = this_machine();
  if (!live::ProcessHandle::open(machine, leader.id()).value().its_group_lives())
    GTEST_SKIP() << "skipped: no PIDFD_SIGNAL_PROCESS_GROUP (Linux 6.9)";
  const auto outcome =
      end_now(machine, plan_for(machine, {leader.id(), child}, {{signals::kKill}}));
  EXPECT_EQ(outcome.killed_process_groups, std::vector{leader.id().pid});
}

TEST(EndingWays, HasNoUseForAProcessGroupOfOne) {
  const Child leader([](const Handshake& test) {
    setsid();
    behaviour::sleeping()(test);
  });
  const auto machine = this_machine();
  const auto outcome = end_now(machine, plan_for(machine, {leader.id()}, {{signals::kKill}}));
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::ended);
  EXPECT_TRUE(outcome.killed_process_groups.empty());
}

/// The session of the test itself, in which the test is.
TEST(EndingWays, LeavesTheProcessGroupOfASessionThatIsAlsoAnothers) {
  const Child leader(behaviour::leading_a_group(behaviour::sleeping()));
  const auto machine = this_machine();
  const auto outcome = end_now(machine, plan_for(machine, {leader.id()}, {{signals::kKill}}));
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::ended);
  EXPECT_TRUE(outcome.killed_process_groups.empty());
}

TEST(EndingWays, LeavesASessionInWhichOneIsToLive) {
  const Child leader(lead_a_session);
  const Guard survivor(leader.first_process());
  const auto machine = this_machine();
  const auto outcome = end_now(machine, plan_for(machine, {leader.id()}, {{signals::kKill}}),
                               {.only = true, .last_wait = kLong});
  EXPECT_TRUE(outcome.killed_process_groups.empty());
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::ended);
  EXPECT_TRUE(survivor.lives());
}

/// One that has so much memory of its own, and two threads.
Behaviour hogging(std::size_t bytes) {
  return [bytes](const Handshake& test) {
    std::thread(behaviour::sleep_for_ever).detach();
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(1);
    std::memset(memory, 1, bytes);
    test.ready();
    behaviour::sleep_for_ever();
  };
}

/// Frozen by the v1 freezer, it would hold its memory for ever.
TEST_F(InAGroup, TakesTheMemoryOfOneThatCannotEnd) {
  make(OwnCgroup::root("cgroup", "freezer"), Cgroup::Version::v1);
  if (IsSkipped()) return;
  constexpr std::size_t kBytes = std::size_t{128} << 20;
  const auto memory = OwnCgroup::root_for_memory();
  const OwnCgroup counting(memory.value_or("/nowhere"));
  const Child child([&](const Handshake& test) {
    static_cast<void>(counting.write("cgroup.procs", std::to_string(getpid())));
    hogging(kBytes)(test);
  });
  const Child innocent(behaviour::sleeping());
  ASSERT_TRUE(group_.add(child.id().pid));
  ASSERT_TRUE(group_.add(innocent.id().pid));
  ASSERT_TRUE(group_.freeze());
  ASSERT_TRUE(eventually([&] { return group_.frozen() == true; }));
  const auto machine = this_machine();
  plan::Forecast forecast = plan_for(machine, {child.id()}, {{signals::kKill}});
  forecast.processes.at(0).private_bytes = kBytes;
  const bool counted =
      counting.made() && machine.cgroup_memory(counting.name()).value_or(0) >= kBytes;
  const auto outcome = end_now(machine, forecast, {.last_wait = 3s});
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::survived);
  EXPECT_TRUE(outcome.freed.after.has_value());
  EXPECT_EQ(outcome.released, std::vector{child.id()});
  if (counted) {
    EXPECT_EQ(outcome.freed.source, plan::Freed::Source::cgroup);
    EXPECT_GE(outcome.freed.bytes, std::int64_t{kBytes} / 100 * 95);
  }
  EXPECT_TRUE(group_.thaw());
}

/// SIGKILL is pending and cannot come to it, so that what was done to it can be seen.
class Dying : public InAGroup {
protected:
  void SetUp() override {
    make(OwnCgroup::root("cgroup", "freezer"), Cgroup::Version::v1);
    if (IsSkipped()) return;
    const Child probe(behaviour::sleeping());
    if (setpriority(PRIO_PROCESS, static_cast<id_t>(probe.pid()), -20) != 0)
      GTEST_SKIP() << "skipped: priorities may not be raised here";
  }
  plan::Outcome end_frozen(const Child& child, const Child& innocent, Signal last) {
    EXPECT_TRUE(group_.add(child.id().pid));
    EXPECT_TRUE(group_.add(innocent.id().pid));
    EXPECT_TRUE(group_.freeze());
    EXPECT_TRUE(eventually([&] { return group_.frozen() == true; }));
    plan::Forecast forecast = plan_for(machine_, {child.id()}, {{last}});
    forecast.processes.at(0).private_bytes = Reclaim::kWorth;
    return end_now(machine_, forecast, {.last_wait = 100ms});
  }
  [[nodiscard]] static bool is_raised(pid_t thread) {
    return sched_getscheduler(thread) == SCHED_RR ||
           getpriority(PRIO_PROCESS, static_cast<id_t>(thread)) == -20;
  }

  live::Machine machine_ = this_machine();
};

TEST_F(Dying, GoesBeforeOthersWithAllItsThreads) {
  const Child child(hogging(Reclaim::kWorth));
  const Child innocent(behaviour::sleeping());
  const plan::Outcome outcome = end_frozen(child, innocent, signals::kKill);
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::survived);
  const auto threads = machine_.threads_of(child.id().pid);
  ASSERT_TRUE(threads);
  EXPECT_EQ(threads->size(), 2U);
  for (const Pid thread : *threads) EXPECT_TRUE(is_raised(thread.value()));
  EXPECT_FALSE(is_raised(innocent.pid()));
  EXPECT_TRUE(group_.thaw());
}

TEST_F(Dying, DoesNotWhereItMayLive) {
  const Child child(hogging(Reclaim::kWorth));
  const Child innocent(behaviour::sleeping());
  const plan::Outcome outcome = end_frozen(child, innocent, signals::kTerm);
  EXPECT_EQ(outcome.processes.at(0).fate, Fate::survived);
  EXPECT_FALSE(is_raised(child.pid()));
  EXPECT_TRUE(outcome.released.empty());
  EXPECT_TRUE(group_.thaw());
}

}  // namespace
}  // namespace knell::act
