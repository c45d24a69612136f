/// The room by itself: what `run` returns, in each enclosure. Each run is in a child of the test's,
/// for it makes its caller a subreaper and keeps its signals.

#include "knell/supervise/supervisor.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "knell/supervise/relay.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"

namespace knell::supervise {
namespace {

using std::chrono::milliseconds;

/// What a child found out, in memory that it shares with the test.
struct Seen {
  bool failed = false;
  int error = 0;
  int status = -1;  ///< exit_status()
  int exec_error = 0;
  bool timed_out = false;
  std::size_t left = 0, killed = 0, survivors = 0;
  Enclosure enclosure = Enclosure::automatic;
  pid_t told = 0;
  bool childless = false;
};

void look(const Settings& settings, const std::vector<std::string>& argv, Seen& seen) {
  const Observer observer{.enclosed = {}, .started = [&](Pid pid) { seen.told = pid.value(); }};
  const auto ended = run(settings, Inherited::now(), argv, observer);
  seen.failed = !ended;
  if (!ended) {
    seen.error = ended.error().number;
    return;
  }
  seen.status = exit_status(*ended, false);
  seen.exec_error = ended->exec_error;
  seen.timed_out = ended->timed_out;
  seen.left = ended->left;
  seen.killed = ended->killed;
  seen.survivors = ended->survivors.size();
  seen.enclosure = ended->enclosure;
  seen.childless = ::waitpid(-1, nullptr, WNOHANG | __WALL) == -1 && errno == ECHILD;
}

Seen run_in_child(const Settings& settings, const std::vector<std::string>& argv) {
  void* const shared =
      ::mmap(nullptr, sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const seen = new (shared) Seen();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    look(settings, argv, *seen);
    ::_exit(0);
  }
  ::waitpid(pid, nullptr, 0);
  const Seen found = *seen;
  ::munmap(shared, sizeof(Seen));
  return found;
}

std::vector<std::string> shell(const std::string& script) {
  return {"sh", "-c", script};
}

class EachEnclosure : public testing::TestWithParam<Enclosure> {
protected:
  void SetUp() override {
    settings_.enclosure = GetParam();
    const Seen seen = run_in_child(settings_, {"true"});
    if (seen.failed) GTEST_SKIP() << "skipped: not permitted here: " << errno_name(seen.error);
    EXPECT_EQ(seen.enclosure, GetParam());
  }
  Settings settings_;
};

TEST_P(EachEnclosure, GivesTheStatusBack) {
  EXPECT_EQ(run_in_child(settings_, shell("exit 7")).status, 7);
  EXPECT_EQ(run_in_child(settings_, shell("kill -9 $$")).status, 128 + SIGKILL);
}

TEST_P(EachEnclosure, TellsThatItRunsAndAsWhom) {
  const Seen seen = run_in_child(settings_, {"true"});
  EXPECT_GT(seen.told, 0);
  EXPECT_TRUE(seen.childless);
}

TEST_P(EachEnclosure, TellsWhyItCannotRun) {
  const Seen none = run_in_child(settings_, {"/nonexistent/program"});
  EXPECT_EQ(none.exec_error, ENOENT);
  EXPECT_EQ(none.status, 127);
  EXPECT_EQ(none.told, 0);
  const Seen denied = run_in_child(settings_, {"/etc/passwd"});
  EXPECT_EQ(denied.exec_error, EACCES);
  EXPECT_EQ(denied.status, 126);
}

TEST_P(EachEnclosure, EndsWhatIsLeftBehind) {
  const Seen seen = run_in_child(settings_, shell("sleep 600 & setsid sleep 600 & exit 3"));
  EXPECT_EQ(seen.status, 3);
  EXPECT_GE(seen.left, 2U);
  EXPECT_EQ(seen.killed, 0U);
  EXPECT_TRUE(seen.childless);
}

TEST_P(EachEnclosure, KillsWhatIgnoresTerm) {
  settings_.grace = milliseconds(50);
  const Seen seen = run_in_child(settings_, shell("trap '' TERM; sleep 600 & exit 0"));
  EXPECT_EQ(seen.status, 0);
  EXPECT_EQ(seen.killed, 1U);
  EXPECT_EQ(seen.survivors, 0U);
  EXPECT_TRUE(seen.childless);
}

TEST_P(EachEnclosure, ATimeOutEndsAStoppedCommand) {
  settings_.timeout = milliseconds(100);
  const Seen seen = run_in_child(settings_, shell("kill -STOP $$"));
  EXPECT_TRUE(seen.timed_out);
  EXPECT_EQ(seen.status, 124);
  EXPECT_EQ(seen.killed, 0U) << "TERM, and CONT so that it can act upon it";
}

/// As on a kernel before 5.14: frozen, then killed one by one, then thawed.
TEST(WithoutCgroupKill, AllAreEnded) {
  Settings settings;
  settings.enclosure = Enclosure::cgroup;
  settings.cgroup_kill = false;
  settings.grace = milliseconds(50);
  const Seen seen = run_in_child(
      settings, shell("trap '' TERM; i=0; while [ $i -lt 50 ]; do sleep 600 & setsid sleep 600 & "
                      "i=$((i + 1)); done; exit 3"));
  if (seen.failed) GTEST_SKIP() << "skipped: not permitted here: " << errno_name(seen.error);
  EXPECT_EQ(seen.status, 3);
  EXPECT_EQ(seen.killed, 100U);
  EXPECT_EQ(seen.survivors, 0U);
  EXPECT_TRUE(seen.childless);
}

TEST(WithoutCgroupKill, SoAreThoseThatFork) {
  Settings settings;
  settings.enclosure = Enclosure::cgroup;
  settings.cgroup_kill = false;
  settings.grace = milliseconds(50);
  // 8 at a time, each of which forks, ends, and lives on in its child; for 20 s at most.
  const Seen seen = run_in_child(
      settings, {"perl", "-e",
                 "$e = time + 20; exit 3 if fork; fork for 1 .. 3; $SIG{TERM} = 'IGNORE';"
                 "while (time < $e) { exit if fork }"});
  if (seen.failed) GTEST_SKIP() << "skipped: not permitted here: " << errno_name(seen.error);
  if (seen.exec_error != 0) GTEST_SKIP() << "skipped: no perl to write a hopping program in";
  EXPECT_EQ(seen.status, 3);
  EXPECT_EQ(seen.survivors, 0U);
  EXPECT_TRUE(seen.childless);
}

TEST(ChildrenOfBefore, AreNotTouched) {
  EXPECT_FALSE(has_children());
  const test::Child child(test::behaviour::sleeping());
  EXPECT_TRUE(has_children());
  const auto ended = run({}, Inherited::now(), {"true"});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().number, EBUSY);
  EXPECT_TRUE(child.lives());
}

std::string name_of(const testing::TestParamInfo<Enclosure>& info) {
  switch (info.param) {
    case Enclosure::cgroup:
      return "cgroup";
    case Enclosure::pid_namespace:
      return "namespace";
    default:
      return "subreaper";
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachEnclosure,
                         testing::Values(Enclosure::cgroup, Enclosure::pid_namespace,
                                         Enclosure::subreaper),
                         name_of);

/// timeout(1): "124 if COMMAND times out, and --preserve-status is not specified; 137 if COMMAND
/// (or timeout itself) is sent the KILL (9) signal".
TEST(ExitStatus, IsThatOfTimeout) {
  Ended ended;
  ended.status = WaitStatus::killed(signals::kTerm);
  EXPECT_EQ(exit_status(ended, false), 143);
  ended.timed_out = true;
  EXPECT_EQ(exit_status(ended, false), 124);
  EXPECT_EQ(exit_status(ended, true), 143);
  ended.status = WaitStatus::killed(signals::kKill);
  EXPECT_EQ(exit_status(ended, false), 137);
  ended.status = WaitStatus::exited(9);
  EXPECT_EQ(exit_status(ended, false), 124);
  EXPECT_EQ(exit_status(ended, true), 9);
}

}  // namespace
}  // namespace knell::supervise
