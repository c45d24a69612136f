/// `knell run` as a program that has children already: `sh -c 'helper & exec knell run …'`. They
/// are none of the command's.

#include <sys/stat.h>

#include <fmt/format.h>

#include "run_command.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {
namespace {

/// A helper that sleeps for `time`, away from standard input and output, and then knell.
std::string behind_a_helper(const std::string& time, const std::string& knells) {
  return fmt::format("sleep {} </dev/null >/dev/null 2>&1 & exec {} {}", time, KNELL_BINARY,
                     knells);
}

class RunWithAHelper : public Run {
protected:
  /// Only the helper lives on; ends it.
  void expect_alone(const std::string& time) {
    const std::vector<pid_t> left = with_argument(time);
    ASSERT_EQ(left.size(), 1U);
    const Guard helper(left.front());
    EXPECT_NE(state_letter(helper.pid()), 'T');
  }
  std::string time_ = own_sleep();
};

TEST_P(RunWithAHelper, OnlyWhatIsTheCommandsIsEnded) {
  const std::string its = own_sleep();
  const std::string script =
      fmt::format("run --enclosure {} -- sh -c 'setsid sleep {} & exit 3'", GetParam(), its);
  const Ran ran = run_program("/bin/sh", {"-c", behind_a_helper(time_, script)});
  EXPECT_EQ(ran.status, 3) << ran.err;
  EXPECT_THAT(with_argument(its), testing::IsEmpty());
  expect_alone(time_);
}

TEST_P(RunWithAHelper, NorAreItsOrphans) {
  const TemporaryDirectory directory;
  const std::string go = directory.path() / "go";
  const std::string end = directory.path() / "end";
  for (const std::string& fifo : {go, end}) ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  // The helper has a child, and ends while the command runs, which sees it by the second pipe.
  const std::string script = fmt::format(
      "(exec 9<>{1}; sleep {2} 9>&- & read go <{0}) </dev/null >/dev/null 2>&1 & exec {3} run "
      "--enclosure {4} -- sh -c 'exec 8<{1}; echo go >{0}; read end <&8; exit 3'",
      go, end, time_, KNELL_BINARY, GetParam());
  const Ran ran = run_program("/bin/sh", {"-c", script});
  EXPECT_EQ(ran.status, 3) << ran.err;
  expect_alone(time_);
}

TEST_P(RunWithAHelper, SignalsArrive) {
  const std::string script = fmt::format(
      "run --enclosure {} -- sh -c 'trap \"exit 8\" TERM; echo ready; while :; do sleep 0.01; "
      "done'",
      GetParam());
  const TemporaryDirectory directory;
  const std::string out = directory.path() / "out";
  Place place;
  place.before = [&] { ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO); };
  place.meanwhile = [&](pid_t program) {
    EXPECT_TRUE(eventually([&] { return whole(out) == "ready\n"; }));
    ::kill(program, SIGTERM);
  };
  const Ran ran = run_program("/bin/sh", {"-c", behind_a_helper(time_, script)}, place);
  EXPECT_EQ(ran.status, 8) << ran.err;
  expect_alone(time_);
}

TEST_P(RunWithAHelper, AtATerminalItIsOneJob) {
  const std::string script =
      fmt::format("run --enclosure {} -- sh -c '{}'", GetParam(), kUntilInterrupted);
  AtATerminal terminal({"/bin/sh", "-c", behind_a_helper(time_, script)});
  ASSERT_TRUE(terminal.shows("ready"));
  terminal.type('\x1a');
  ASSERT_TRUE(terminal.shows("[stopped]")) << terminal.seen();
  terminal.type('\x03');
  EXPECT_EQ(terminal.wait(), 128 + SIGINT) << terminal.seen();
  EXPECT_TRUE(eventually([&] { return with_argument(time_).empty(); })) << "by its terminal's end";
}

TEST_P(RunWithAHelper, ATimeOutEndsAStoppedJob) {
  const std::string script =
      fmt::format("run --timeout 1 --enclosure {} -- sh -c 'echo ready; read line'", GetParam());
  AtATerminal terminal({"/bin/sh", "-c", behind_a_helper(time_, script)}, false);
  ASSERT_TRUE(terminal.shows("ready"));
  terminal.type('\x1a');
  EXPECT_EQ(terminal.wait(), 124) << terminal.seen();
  EXPECT_TRUE(eventually([&] {
    for (const pid_t left : with_argument(time_)) ::kill(left, SIGKILL);
    return with_argument(time_).empty();
  }));
}

INSTANTIATE_TEST_SUITE_P(Each, RunWithAHelper, testing::Values("cgroup", "namespace", "subreaper"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace knell::test
