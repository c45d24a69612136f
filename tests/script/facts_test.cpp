/// Each fact and each result: one that is so holds, one that is not is told with what is.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "play.hpp"

namespace knell::script {
namespace {

/// What is found where the line behind the scenario expects something else; empty: nothing is.
std::string found(const std::string& scenario, const std::string& line) {
  const Simulation simulation = test::play(scenario + line + "\n");
  EXPECT_FALSE(simulation.error) << line << ": " << simulation.error->message();
  if (simulation.steps.empty()) return "no step";
  const std::vector<Unmet>& unmet = simulation.steps.back().result.unmet;
  return unmet.empty() ? "" : unmet.front().found;
}

struct Said {
  const char* holds;
  const char* does_not;  ///< and is found instead:
  const char* found;
};

std::string opposite(const std::string& fact) {
  return fact.starts_with("not ") ? fact.substr(4) : "not " + fact;
}

/// Of every pair: the first holds and its opposite does not, the second does not.
void expect_all(const std::string& scenario, const std::string& subject,
                const std::vector<Said>& all) {
  for (const Said& said : all) {
    const std::string expect = "expect " + subject + " ";
    EXPECT_EQ(found(scenario, expect + said.holds), "") << said.holds;
    EXPECT_NE(found(scenario, expect + opposite(said.holds)), "") << "not " << said.holds;
    EXPECT_EQ(found(scenario, expect + said.does_not), said.found) << said.does_not;
    EXPECT_EQ(found(scenario, expect + opposite(said.does_not)), "") << "not " << said.does_not;
  }
}

TEST(Facts, OfWhatATaskIsDoing) {
  const std::string job = "init: fork -> job\n";
  expect_all(job, "job", {{"runs", "stopped", "job runs"}, {"alive", "zombie", "job runs"}});
  expect_all(job + "job: pause\n", "job",
             {{"in pause", "in wait4", "job in pause"}, {"alive", "runs", "job in pause"}});
  expect_all(job + "init: kill job STOP\n", "job",
             {{"stopped", "stopped TSTP", "job stopped STOP"},
              {"stopped STOP", "runs", "job stopped STOP"},
              {"alive", "traced", "job stopped STOP"}});
  expect_all(
      job + "job: ptrace traceme\ninit: kill job USR1\n", "job",
      {{"traced", "stopped", "job traced"}, {"tracer init", "tracer nobody", "job tracer init"}});
  expect_all(job + "init: kill job TERM\n", "job",
             {{"zombie", "alive", "job zombie killed TERM"},
              {"zombie killed TERM", "zombie killed KILL", "job zombie killed TERM"},
              {"not gone", "gone", "job zombie killed TERM"}});
  expect_all(job + "job: exit_group 3\ninit: wait\n", "job",
             {{"gone", "zombie", "job gone exited 3"},
              {"gone exited 3", "gone exited 4", "job gone exited 3"},
              {"reaped by init", "reaped by nobody", "job reaped by init"}});
}

/// Its init waits for all in a pid namespace to be gone; one who is traced is not gone before its
/// tracer has waited for it.
TEST(Facts, OfWhoWaitsForOthersToBeGone) {
  const std::string ending = R"(
init: clone NEWPID -> box
box: fork -> traced
init: ptrace seize traced
init: kill box KILL
)";
  expect_all(ending, "box", {{"ending", "zombie", "box ending"}});
}

TEST(Facts, OfRelations) {
  const std::string scenario = R"(user alice 1001
tty
init: fork -> shell
shell: setsid
shell: open_tty
shell: fork -> job
shell: setpgid job job
job: setresuid alice alice alice
job: thread -> worker
init: clone NEWPID -> box
init: fork -> other
)";
  expect_all(scenario, "job",
             {{"parent shell", "parent init", "job parent shell"},
              {"group job", "group shell", "job group job"},
              {"group 3", "group 2", "job group 3"},
              {"session shell", "session job", "job session shell"},
              {"tracer nobody", "tracer shell", "job tracer nobody"},
              {"user alice", "user 0", "job uids 1001 1001 1001 (real, effective, saved)"},
              {"user 1001", "user 1002", "job uids 1001 1001 1001 (real, effective, saved)"},
              {"pid 3", "pid 4", "job pid 3"},
              {"threads 2", "threads 1", "job threads 2"},
              {"terminal 0", "terminal none", "job terminal 0"},
              {"open 3", "open 4", "job open 3"}});
  expect_all(scenario, "worker", {{"parent shell", "parent job", "worker parent shell"}});
  expect_all(scenario, "init",
             {{"parent nobody", "parent shell", "init parent nobody"},
              {"terminal none", "terminal 0", "init terminal none"},
              {"group 0", "group shell", "init group nobody"},
              {"session nobody", "session 2", "init session 0"}});
  expect_all(scenario, "box", {{"inner pid 1", "inner pid 5", "box inner pid 1"}});
  expect_all(scenario, "other", {{"not subreaper", "subreaper", "other no subreaper"}});
  expect_all(scenario + "other: subreaper on\n", "other", {{"subreaper", "zombie", "other runs"}});
  expect_all(scenario, "tty",
             {{"foreground shell", "foreground job", "tty foreground shell"},
              {"session shell", "session nobody", "tty session shell"},
              {"not hung up", "hung up", "tty not hung up"}});
}

TEST(Facts, OfSignals) {
  const std::string scenario = R"(
init: fork -> job
job: thread -> worker
job: block HUP TERM RTMIN
worker: block HUP TERM RTMIN
job: sigaction USR1 ignore
job: sigaction INT returns
job: sigaction QUIT holds
init: kill job TERM
init: tkill job HUP
init: sigqueue job RTMIN 7
init: sigqueue job RTMIN 8
)";
  expect_all(scenario, "job",
             {{"pending HUP TERM RTMIN", "pending TERM", "job pending HUP TERM RTMIN"},
              {"own pending HUP", "own pending TERM", "job own pending HUP"},
              {"shared pending TERM RTMIN", "shared pending none", "job shared pending TERM RTMIN"},
              {"queued RTMIN 2", "queued RTMIN 1", "job queued RTMIN 2"},
              {"queued TERM 1", "queued TERM 2", "job queued TERM 1"},
              {"blocked HUP TERM RTMIN", "blocked none", "job blocked HUP TERM RTMIN"},
              {"ignored USR1", "ignored none", "job ignored USR1"},
              {"caught INT QUIT", "caught INT", "job caught INT QUIT"},
              {"frames 0", "frames 1", "job frames 0"},
              {"handled none", "handled INT", "job handled none"},
              {"not in handler INT", "in handler INT", "job in no handler"},
              {"not handled INT from init", "handled INT from init", "job no handler of INT ran"}});
  expect_all(scenario, "worker",
             {{"own pending none", "own pending HUP", "worker own pending none"},
              {"pending TERM RTMIN", "pending none", "worker pending TERM RTMIN"}});
}

TEST(Facts, OfHandlersThatRan) {
  const std::string scenario = R"(
init: fork -> job
job: sigaction INT returns
job: sigaction QUIT holds
job: sigaction SEGV returns
init: sigqueue job INT 5
job: kill job INT
job: fault SEGV
init: kill job QUIT
)";
  expect_all(
      scenario, "job",
      {{"handled INT INT SEGV QUIT", "handled INT SEGV INT QUIT", "job handled INT INT SEGV QUIT"},
       {"handled INT from job", "handled INT from init", "job handled INT from job"},
       {"handled INT value 0", "handled INT value 5", "job handled INT value 0"},
       {"handled SEGV from kernel", "handled SEGV from job", "job handled SEGV from kernel"},
       {"handled QUIT from init", "handled QUIT from outside", "job handled QUIT from init"},
       {"in handler QUIT", "in handler INT", "job in handler QUIT"},
       {"frames 1", "frames 2", "job frames 1"}});
  expect_all(R"(
init: fork -> job
job: sigaction INT returns
init: sigqueue job INT 5
)",
             "job",
             {{"handled INT from init value 5", "handled INT value 6", "job handled INT value 5"}});
  expect_all(
      R"(
init: clone NEWPID -> box
box: sigaction INT returns
init: kill box INT
)",
      "box",
      {{"handled INT from outside", "handled INT from kernel", "box handled INT from outside"}});
}

TEST(Facts, OfWhatIsShared) {
  const std::string scenario = R"(
init: fork -> job
init: fork -> other
job: lock 1
other: lock 2
other: semop 3 5
job: shmat
init: kill other KILL
)";
  expect_all(scenario, "lock 0", {{"free", "held by job", "lock 0 free"}});
  expect_all(scenario, "lock 1",
             {{"held by job", "held by other", "lock 1 held by job"},
              {"not owner died", "free", "lock 1 held by job"}});
  expect_all(scenario, "lock 2", {{"owner died", "held by other", "lock 2 free, owner died"}});
  expect_all(scenario, "semaphore 3", {{"is 5", "is 0", "semaphore 3 is 5"}});
  expect_all(scenario, "semaphore 2", {{"is 0", "is 5", "semaphore 2 is 0"}});
  expect_all(scenario, "segment", {{"is 1", "is 0", "segment is 1"}});
}

TEST(Results, OfCalls) {
  const std::string job = "init: fork -> job\n";
  const auto of = [&](const std::string& line, const std::string& result) {
    return found(job, line + " = " + result);
  };
  EXPECT_EQ(of("init: kill job 0", "0"), "");
  EXPECT_EQ(of("init: kill job 0", "ESRCH"), "kill returned 0");
  EXPECT_EQ(of("init: kill 99 0", "ESRCH"), "");
  EXPECT_EQ(of("init: kill 99 0", "EPERM"), "kill returned ESRCH");
  EXPECT_EQ(of("init: kill 99 0", "0"), "kill returned ESRCH");
  EXPECT_EQ(of("init: fork -> other", "other"), "");
  EXPECT_EQ(of("init: fork -> other", "3"), "");
  EXPECT_EQ(of("init: fork -> other", "job"), "clone returned other");
  EXPECT_EQ(of("job: setsid", "job"), "");
  EXPECT_EQ(of("job: setsid", "init"), "setsid returned job");
  EXPECT_EQ(of("init: wait nohang", "nobody"), "");
  EXPECT_EQ(of("init: wait nohang", "job exited 0"), "wait4 returned nobody");
  EXPECT_EQ(of("init: wait", "sleeps"), "");
  EXPECT_EQ(of("init: wait", "0"), "init in wait4");
  EXPECT_EQ(of("init: kill job 0", "sleeps"), "kill returned 0");
  EXPECT_EQ(of("init: pipe", "3 4"), "");
  EXPECT_EQ(of("init: pipe", "4 3"), "pipe returned 3 4");
  EXPECT_EQ(of("init: sigpending", "{}"), "");
  EXPECT_EQ(of("init: sigpending", "{TERM}"), "rt_sigpending returned {}");
}

TEST(Results, OfWaits) {
  const auto of = [&](const std::string& scenario, const std::string& line) {
    return found("init: fork -> job\n" + scenario, line);
  };
  for (const char* wait : {"init: wait ", "init: waitid all exited "}) {
    const std::string line(wait);
    const std::string name = line.substr(6, 6) == "waitid" ? "waitid" : "wait4";
    EXPECT_EQ(of("job: exit_group 3\n", line + "= job exited 3"), "");
    EXPECT_EQ(of("job: exit_group 3\n", line + "= job exited 4"), name + " returned job exited 3");
    EXPECT_EQ(of("job: exit_group 3\n", line + "= init exited 3"), name + " returned job exited 3");
    EXPECT_EQ(of("job: exit_group 3\n", line + "= job"), "");
    EXPECT_EQ(of("init: kill job TERM\n", line + "= job killed TERM"), "");
    EXPECT_EQ(of("init: kill job TERM\n", line + "= job killed KILL"),
              name + " returned job killed TERM");
  }
  EXPECT_EQ(
      of("init: kill job TSTP\ninit: kill job STOP\n", "init: wait untraced = job stopped STOP"),
      "");
  EXPECT_EQ(of("init: kill job STOP\n", "init: waitid all stopped = job stopped STOP"), "");
  EXPECT_EQ(of("init: kill job STOP\ninit: kill job CONT\n",
               "init: waitid all continued = job continued"),
            "");
  EXPECT_EQ(
      of("init: kill job STOP\ninit: kill job CONT\n", "init: wait continued = job continued"), "");
  EXPECT_EQ(of("init: waitid all exited nohang\n", "expect init returned nobody"), "");
  EXPECT_EQ(of("init: waitid all exited nohang\n", "expect init returned job"),
            "init returned nobody");
}

TEST(Results, OfSignalsTaken) {
  const std::string scenario = R"(
init: fork -> job
job: block TERM INT
init: kill job TERM
)";
  EXPECT_EQ(found(scenario, "job: sigwait TERM INT = TERM"), "");
  EXPECT_EQ(found(scenario, "job: sigwait TERM INT = TERM from init"), "");
  EXPECT_EQ(found(scenario, "job: sigwait TERM INT = TERM from job"),
            "rt_sigtimedwait returned TERM from init");
  EXPECT_EQ(found(scenario, "job: sigwait TERM INT = INT"),
            "rt_sigtimedwait returned TERM from init");
  EXPECT_EQ(found(scenario, "job: sigwait INT nowait = EAGAIN"), "");
  EXPECT_EQ(found(scenario + "job: signalfd TERM\n", "job: read 3 = TERM from init"), "");
  EXPECT_EQ(found(scenario + "job: signalfd INT\n", "job: read 3 = sleeps"), "");
}

/// A call that was interrupted by a handler that stays has not returned, whatever the handler's own
/// calls return.
TEST(Results, OfACallThatIsStillToReturn) {
  EXPECT_EQ(found("init: fork -> job\njob: sigaction USR1 holds\n", "job: kill job USR1 = 0"),
            "job runs");
  test::end_of(R"(
init: fork -> job
job: sigaction USR1 holds
job: kill job USR1
expect job in handler USR1
job: kill job 0 = 0
job: return
expect job returned 0, frames 0
)");
}

}  // namespace
}  // namespace knell::script
