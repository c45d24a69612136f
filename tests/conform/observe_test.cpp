/// observe(): what /proc shows of a real process, and what a World shows of one that did the same.

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <string>

#include "knell/conform/observation.hpp"
#include "scenes.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"

namespace knell::conform::test {
namespace {

/// The lines of /proc/PID/status that an Observation has, too.
struct Status {
  char state = '?';
  SigSet pending, shared_pending, blocked, ignored, caught;
  std::uint32_t threads = 0;
};

Status status_of(pid_t pid) {
  Status status;
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    const std::string word = line.substr(0, line.find(':'));
    const std::string value = line.substr(std::min(line.size(), line.find('\t') + 1));
    const auto set = [&] { return SigSet(std::stoull(value, nullptr, 16)); };
    if (word == "State") status.state = value.at(0);
    if (word == "Threads") status.threads = static_cast<std::uint32_t>(std::stoul(value));
    if (word == "SigPnd") status.pending = set();
    if (word == "ShdPnd") status.shared_pending = set();
    if (word == "SigBlk") status.blocked = set();
    if (word == "SigIgn") status.ignored = set();
    if (word == "SigCgt") status.caught = set();
  }
  return status;
}

TaskSeen seen(const script::Run& run, std::string_view name) {
  const Pid pid = run.world[script::task_of(run, name)].pid;
  for (const TaskSeen& task : observe(run.world).tasks)
    if (task.pid == pid) return task;
  ADD_FAILURE() << name << " is not to be seen";
  return {};
}

void expect_equal_signals(const TaskSeen& foretold, const Status& real) {
  EXPECT_EQ(foretold.pending, real.pending);
  EXPECT_EQ(foretold.shared_pending, real.shared_pending);
  EXPECT_EQ(foretold.blocked, real.blocked);
  EXPECT_EQ(foretold.ignored, real.ignored);
  EXPECT_EQ(foretold.caught, real.caught);
  EXPECT_EQ(foretold.threads, real.threads);
}

void block(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

/// Blocks USR1 and RTMIN, ignores HUP, catches USR2, and nothing else of what it inherited.
void set_up() {
  for (int signal = 1; signal <= 64; ++signal) std::signal(signal, SIG_DFL);
  block(SIGUSR1);
  block(34);
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGUSR2, [](int) {});
}

constexpr const char* kSetUp = R"(
init: fork -> job
job: block USR1 RTMIN
job: sigaction HUP ignore
job: sigaction USR2 returns
init: kill job USR1
init: kill job RTMIN
init: tkill job USR1
)";

void send_the_same(pid_t job) {
  ::kill(job, SIGUSR1);
  ::kill(job, 34);
  ::syscall(SYS_tkill, job, SIGUSR1);
}

class ObserveAProcess : public testing::Test {
protected:
  const knell::test::Child child_{[](const knell::test::Handshake& test) {
    set_up();
    test.ready();
    for (;;) ::pause();
  }};
  pid_t pid() const { return child_.pid(); }
  void become(char state) const {
    ASSERT_TRUE(knell::test::eventually([&] { return status_of(pid()).state == state; }));
  }
};

TEST_F(ObserveAProcess, ThatLives) {
  send_the_same(pid());
  become('S');
  expect_equal_signals(seen(after(kSetUp), "job"), status_of(pid()));
}

/// A zombie keeps all its sets until it is waited for, and its end stands in two of them.
TEST_F(ObserveAProcess, ThatWasKilled) {
  send_the_same(pid());
  ::kill(pid(), SIGKILL);
  become('Z');
  const script::Run run = after(std::string(kSetUp) + "init: kill job KILL\n");
  expect_equal_signals(seen(run, "job"), status_of(pid()));
  EXPECT_EQ(seen(run, "job").doing, Doing::zombie);
}

TEST_F(ObserveAProcess, ThatIsStopped) {
  send_the_same(pid());
  ::kill(pid(), SIGSTOP);
  become('T');
  const script::Run run = after(std::string(kSetUp) + "init: kill job STOP\n");
  expect_equal_signals(seen(run, "job"), status_of(pid()));
  EXPECT_EQ(seen(run, "job").doing, Doing::stopped);
}

/// What is sent to a zombie is lost.
TEST_F(ObserveAProcess, ThatIsAZombieAndIsSentASignal) {
  ::kill(pid(), SIGKILL);
  become('Z');
  send_the_same(pid());
  const script::Run run = after(R"(
init: fork -> job
job: block USR1 RTMIN
job: sigaction HUP ignore
job: sigaction USR2 returns
init: kill job KILL
init: kill job USR1
init: kill job RTMIN
init: tkill job USR1
)");
  expect_equal_signals(seen(run, "job"), status_of(pid()));
}

TEST(Observe, SaysWhoItIs) {
  const script::Run run = after(R"(
init: fork -> job
job: setsid
job: setresuid 1000 1001 1002
job: thread -> worker
)");
  const TaskSeen worker = seen(run, "worker");
  EXPECT_EQ(worker.pid, Pid(3));
  EXPECT_EQ(worker.tgid, Pid(2));
  EXPECT_EQ(worker.parent, Pid(1));
  EXPECT_EQ(worker.pgrp, Pgid(2));
  EXPECT_EQ(worker.session, Sid(2));
  EXPECT_EQ(worker.uid, Uid(1000));
  EXPECT_EQ(worker.euid, Uid(1001));
  EXPECT_EQ(worker.suid, Uid(1002));
  EXPECT_EQ(worker.threads, 2U);
  EXPECT_EQ(worker.doing, Doing::program);
}

TEST(Observe, SaysWhichCallItSleepsIn) {
  const script::Run run = after("init: fork -> job\njob: pause\n");
  EXPECT_EQ(seen(run, "job").doing, Doing::call);
  EXPECT_EQ(seen(run, "job").in_call, Sys::pause);
}

TEST(Observe, DoesNotShowWhoIsGone) {
  const script::Run run = after("init: fork -> job\njob: exit_group 3\ninit: wait job\n");
  ASSERT_EQ(observe(run.world).tasks.size(), 1U);
  EXPECT_EQ(observe(run.world).tasks.front().pid, Pid(1));
}

}  // namespace
}  // namespace knell::conform::test
