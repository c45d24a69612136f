#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <gtest/gtest.h>

#include "act/plans.hpp"
#include "knell/act/ending.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"

namespace knell::act {
namespace {

using namespace test;

constexpr uid_t kNobody = 65534;

Inode inode_of_pidfd(pid_t pid) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0U));
  struct stat status{};
  EXPECT_EQ(fstat(fd, &status), 0);
  close(fd);
  return Inode(status.st_ino);
}

TEST(EndingSafety, WhoGotTheNumberAfterThePlanIsNotSignalled) {
  const auto machine = this_machine();
  Child planned(behaviour::sleeping());
  auto forecast = plan_for(machine, {planned.id()}, {{signals::kTerm, 20ms}, {signals::kKill}});
  forecast.processes[0].pidfd = inode_of_pidfd(planned.pid());
  kill(planned.pid(), SIGKILL);
  planned.wait();
  auto newcomer = Child::with_pid(planned.pid(), behaviour::exiting_on(SIGTERM, 7));
  if (!newcomer) GTEST_SKIP() << "clone3 with set_tid is not permitted here";

  const auto outcome = end_now(machine, forecast);
  EXPECT_EQ(outcome.processes[0].fate, Fate::already_ended);
  EXPECT_FALSE(outcome.processes[0].last_signal);
  EXPECT_TRUE(newcomer->lives());
  kill(newcomer->pid(), SIGTERM);  // the first it got
  EXPECT_EQ(newcomer->wait(), WaitStatus::exited(7));
}

TEST(EndingSafety, WhatMayNotBeSignalledIsToldAndNotWaitedFor) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to have a process that others may not signal";
  const Child roots(behaviour::sleeping());
  const Child user(behaviour::as_user(kNobody, [&](const Handshake& test) {
    const auto machine = this_machine();
    const auto forecast =
        plan_for(machine, {roots.id()}, {{signals::kTerm, kLong}, {signals::kKill}});
    const auto outcome = end_now(machine, forecast);
    test.tell(static_cast<std::int64_t>(outcome.processes[0].fate));
    test.tell(outcome.processes[0].last_signal.has_value());
    test.tell(outcome.took < kLong);
    const auto unwatched = end_now(machine, forecast, {.wait = false});
    test.tell(static_cast<std::int64_t>(unwatched.processes[0].fate));
  }));
  EXPECT_EQ(user.first(), static_cast<std::int64_t>(Fate::not_permitted));
  EXPECT_EQ(user.next(), false);
  EXPECT_EQ(user.next(), true);
  EXPECT_EQ(user.next(), static_cast<std::int64_t>(Fate::not_permitted));
  EXPECT_TRUE(roots.lives());
}

/// Says ready when the first signals are out.
struct ReadyWhenWaiting : Observer {
  explicit ReadyWhenWaiting(const Handshake& test) : test_(test) {}
  void progress(const Progress&) override {
    if (!told_) test_.ready();
    told_ = true;
  }

private:
  const Handshake& test_;
  bool told_ = false;
};

/// Ends `target` with these steps; tells whether it was interrupted, and the fate.
Behaviour ending(ProcessId target, std::vector<Step> steps) {
  return [=](const Handshake& test) {
    const auto machine = this_machine();
    ReadyWhenWaiting observer(test);
    const auto outcome =
        end_now(machine, plan_for(machine, {target}, steps), {.last_wait = kLong}, &observer);
    test.tell(outcome.interrupted);
    test.tell(static_cast<std::int64_t>(outcome.processes[0].fate));
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, nullptr, &blocked);
    test.tell(sigismember(&blocked, SIGINT));
  };
}

class Interrupting : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(ByWhatAPersonSends, Interrupting,
                         testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST_P(Interrupting, StopsTheEscalationButNotTheAccount) {
  const Child deaf(behaviour::ignoring(SIGTERM));
  Child knell(ending(deaf.id(), {{signals::kTerm, kLong}, {signals::kKill}}));
  kill(knell.pid(), GetParam());
  EXPECT_EQ(knell.next(), true);
  EXPECT_EQ(knell.next(), static_cast<std::int64_t>(Fate::survived));
  EXPECT_EQ(knell.next(), false);  // the signals it held back are its caller's again
  EXPECT_EQ(knell.wait(), WaitStatus::exited(0));
  EXPECT_TRUE(deaf.lives());
}

TEST(EndingSafety, ASignalThatTheCallerIgnoresStopsNothing) {
  const Child deaf(behaviour::ignoring(SIGTERM));
  Child knell([&](const Handshake& test) {
    signal(SIGHUP, SIG_IGN);  // nohup(1)
    ending(deaf.id(), {{signals::kTerm, 100ms}, {signals::kKill}})(test);
  });
  kill(knell.pid(), SIGHUP);
  EXPECT_EQ(knell.next(), false);
  EXPECT_EQ(knell.next(), static_cast<std::int64_t>(Fate::ended));
}

constexpr std::size_t kMany = 100;

TEST(EndingSafety, WithoutDescriptorsForAllNobodyIsSignalled) {
  const Child parent(behaviour::having_children(kMany));
  const std::vector<ProcessId> ids = children_of(parent, kMany);
  Child knell([&](const Handshake& test) {
    const auto machine = this_machine();
    const auto forecast = plan_for(machine, ids, {{signals::kKill}});
    const rlimit low{kMany, kMany};
    setrlimit(RLIMIT_NOFILE, &low);
    const auto outcome = end(machine, forecast, {});
    test.tell(outcome ? 0 : outcome.error().number);
    test.tell(!outcome && outcome.error().message() ==
                              "cannot open a handle on each of 100 processes: Too many open files "
                              "(it takes 164 descriptors: ulimit -n 164)");
  });
  EXPECT_EQ(knell.first(), EMFILE);
  EXPECT_EQ(knell.next(), true);
  for (ProcessId id : ids)
    EXPECT_TRUE(eventually([&] { return state_letter(id.pid.value()) == 'S'; }));  // asleep
}

TEST(EndingSafety, TheSoftLimitOnDescriptorsIsRaisedForAsLongAsItTakes) {
  const Child parent(behaviour::having_children(kMany));
  const std::vector<ProcessId> ids = children_of(parent, kMany);
  Child knell([&](const Handshake& test) {
    const auto machine = this_machine();
    const auto forecast = plan_for(machine, ids, {{signals::kKill}});
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = kMany;
    setrlimit(RLIMIT_NOFILE, &limit);
    const auto outcome = end_now(machine, forecast);
    test.tell(std::ranges::count(outcome.processes, Fate::ended, &plan::ProcessOutcome::fate));
    getrlimit(RLIMIT_NOFILE, &limit);
    test.tell(static_cast<std::int64_t>(limit.rlim_cur));
  });
  EXPECT_EQ(knell.first(), static_cast<std::int64_t>(kMany));
  EXPECT_EQ(knell.next(), static_cast<std::int64_t>(kMany));
}

}  // namespace
}  // namespace knell::act
