/// timeout on real commands. Where time has to be up, the command never ends by itself.

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compat/commands.hpp"
#include "knell/compat/timeout_request.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"

namespace knell::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::HasSubstr;

/// What a shell says its child's end was: of timeout itself, 128 + N where signal N ended it.
int status(const Words& words) {
  return run_timeout(words).status;
}

TEST(Timeout, HasTheCommandsStatus) {
  EXPECT_EQ(status({"60", "true"}), 0);
  EXPECT_EQ(status({"0", "sh", "-c", "exit 7"}), 7);
  EXPECT_EQ(status({"60", "sh", "-c", "kill -USR1 $$"}), 128 + SIGUSR1);
  EXPECT_EQ(run_timeout({"60", "echo", "-n", "--", "-s"}).out, "-- -s");
  EXPECT_EQ(run_program(KNELL_BINARY, {"compat", "timeout", "60", "sh", "-c", "exit 7"}).status, 7);
}

TEST(Timeout, EndsTheCommandWhenItsTimeIsUp) {
  EXPECT_EQ(status({".01", "sleep", "inf"}), 124);
  EXPECT_EQ(status({"-s", "KILL", ".01", "sleep", "inf"}), 137);
  EXPECT_EQ(status({"--preserve-status", ".01", "sleep", "inf"}), 128 + SIGTERM);
}

TEST(Timeout, KillsWhatDoesNotEnd) {
  for (const char* const foreground : {"-v", "--foreground"}) {
    EXPECT_EQ(status({foreground, "-s0", "-k.01", ".01", "sleep", "inf"}), 137);
  }
}

TEST(Timeout, StopsAreNoWayOut) {
  // The stopped hear of TERM only once they go on.
  EXPECT_EQ(status({".05", "sh", "-c", "kill -STOP $$; exit 3"}), 124);
}

TEST(Timeout, SaysWhatItSends) {
  EXPECT_EQ(run_timeout({"-v", ".01", "sleep", "inf"}).err,
            "timeout: sending signal TERM to command 'sleep'\n");
  EXPECT_EQ(run_timeout({"-v", "-s0", "-k.01", ".01", "sleep", "inf"}).err,
            "timeout: sending signal EXIT to command 'sleep'\n"
            "timeout: sending signal KILL to command 'sleep'\n");
}

TEST(Timeout, TellsWhatCouldNotBeRun) {
  const Ran missing = run_timeout({"60", "knell-no-such-command"});
  EXPECT_EQ(missing.status, 127);
  EXPECT_EQ(missing.err,
            "timeout: failed to run command 'knell-no-such-command': No such file or directory\n");
  EXPECT_EQ(status({"60", "/"}), 126);
  EXPECT_EQ(status({"--whole", "60", "/"}), 126);
  EXPECT_EQ(status({"--whole", "60", "knell-no-such-command"}), 127);
}

TEST(Timeout, RefusesWhatItDoesNotUnderstand) {
  for (const Words& words :
       {Words{}, Words{"5"}, Words{"x", "true"}, Words{"5D", "true"}, Words{"5ss", "true"},
        Words{"", "true"}, Words{"-5", "true"}, Words{"--", "-5", "true"}, Words{"nan", "true"},
        Words{"-k", "x", "5", "true"}, Words{"-s", "FOO", "5", "true"}, Words{"--foo", "5", "true"},
        Words{"-k"}}) {
    const Ran ran = run_timeout(words);
    EXPECT_EQ(ran.status, 125);
    EXPECT_THAT(ran.err, HasSubstr("Try 'timeout --help'"));
  }
  EXPECT_EQ(run_timeout({"x", "true"}).err,
            "timeout: invalid time interval 'x'\n"
            "Try 'timeout --help' for more information.\n");
}

TEST(Timeout, UnderstandsSpansOfTime) {
  const auto span = [](const char* word) { return compat::parse_span(word).value(); };
  EXPECT_EQ(span("1.5"), milliseconds(1500));
  EXPECT_EQ(span(".5s"), milliseconds(500));
  EXPECT_EQ(span("2m"), milliseconds(120'000));
  EXPECT_EQ(span("1e1h"), hours(10));
  EXPECT_EQ(span("0x10d"), std::chrono::seconds(0x10d));
  EXPECT_EQ(span("2d"), hours(48));
  EXPECT_EQ(span("1e-12"), std::chrono::nanoseconds(1));
  EXPECT_EQ(span("1e-9999"), std::chrono::nanoseconds(1));
  for (const char* const for_ever :
       {"0", "0.0d", "inf", "infinitym", "1e300", "1e9999", "9223372036854775808d"})
    EXPECT_EQ(span(for_ever), std::nullopt) << for_ever;
}

TEST(Timeout, HelpsAndTellsItsVersion) {
  const Ran help = run_timeout({"--help"});
  EXPECT_EQ(help.status, 0);
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_THAT(run_timeout({"--version"}).out, HasSubstr("(knell)"));
}

// Signals.

/// Sends it to timeout once the command, whose last word is a path, has made the file PATH.ready.
Ran signalled(int signal, const Words& words) {
  Place place;
  place.meanwhile = [=](pid_t pid) {
    EXPECT_TRUE(eventually([&] { return ::access((words.back() + ".ready").c_str(), F_OK) == 0; }));
    ::kill(pid, signal);
  };
  return run_timeout(words, place);
}

/// No traps here: what a shell has just forked still has them, and loses a signal to them.
constexpr const char* kSleeps = "ulimit -c 0; : > \"$0.ready\"; exec sleep inf";

TEST(Timeout, PassesOnWhatEndsIt) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    const TemporaryDirectory folder;
    EXPECT_EQ(signalled(signal, {"600", "sh", "-c", kSleeps, folder.path() / "mark"}).status,
              128 + signal);
  }
}

TEST(Timeout, TakesAnAlarmForItsTime) {
  const TemporaryDirectory folder;
  EXPECT_EQ(signalled(SIGALRM, {"600", "sh", "-c", kSleeps, folder.path() / "mark"}).status, 124);
  const TemporaryDirectory other;
  EXPECT_EQ(signalled(SIGALRM, {"-p", "-sUSR1", "600", "sh", "-c", kSleeps, other.path() / "mark"})
                .status,
            128 + SIGUSR1);
}

/// nohup timeout 600 COMMAND: coreutils passes the hang-up on all the same.
TEST(Timeout, LeavesAHangUpIgnored) {
  Place place;
  place.before = [] { ::signal(SIGHUP, SIG_IGN); };
  EXPECT_EQ(run_timeout({"60", "sh", "-c", "kill -HUP $PPID; kill -HUP $$; exit 5"}, place).status,
            5);
}

TEST(Timeout, WorksWhateverSignalsItInherits) {
  Place place;
  place.before = [] {
    ::signal(SIGCHLD, SIG_IGN);
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
  };
  EXPECT_EQ(run_timeout({"60", "sh", "-c", "exit 5"}, place).status, 5);
  // TERM is blocked in the command, too, as it was.
  EXPECT_EQ(run_timeout({"-k", ".01", ".01", "sleep", "inf"}, place).status, 137);
}

/// The command begins with the signals that timeout was given.
TEST(Timeout, LeavesNoTraceInTheCommand) {
  const auto masks = [](const Words& before) {
    Words words = before;
    words.insert(words.end(), {"grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"});
    return words;
  };
  const Words plain = masks({});
  Place place;
  place.before = [] {
    sigset_t some;
    ::sigemptyset(&some);
    ::sigaddset(&some, SIGUSR1);
    ::sigprocmask(SIG_SETMASK, &some, nullptr);
    ::signal(SIGUSR2, SIG_IGN);
  };
  const Ran without = run_program("/usr/bin/env", plain, in_style("", place));
  ASSERT_THAT(without.out, HasSubstr("SigIgn"));
  EXPECT_EQ(run_timeout(masks({"60"}), place).out, without.out);
  EXPECT_EQ(run_timeout(masks({"--whole", "60"}), place).out, without.out);
}

/// Prints the number of a child of the command's.
constexpr const char* kHasAChild = "sleep inf <&- >&- 2>&- & echo $!; : > \"$0.ready\"; wait";

TEST(Timeout, SignalsTheWholeGroup) {
  const TemporaryDirectory folder;
  const Ran ran = signalled(SIGTERM, {"600", "sh", "-c", kHasAChild, folder.path() / "mark"});
  EXPECT_EQ(ran.status, 128 + SIGTERM);
  const pid_t child = std::stoi(ran.out);
  EXPECT_TRUE(eventually([=] { return std::string("Z-").contains(state_letter(child)); }));
}

TEST(Timeout, SignalsTheCommandAloneInTheForeground) {
  const TemporaryDirectory folder;
  const Ran ran = signalled(SIGTERM, {"-f", "600", "sh", "-c", kHasAChild, folder.path() / "mark"});
  EXPECT_EQ(ran.status, 128 + SIGTERM);
  const Guard child(static_cast<pid_t>(std::stoi(ran.out)));
  EXPECT_TRUE(child.lives());
}

// --whole

/// Who called setsid and forked twice holds the pipe open: run_timeout ends only once it is gone.
constexpr const char* kStray = "setsid sh -c 'trap \"\" TERM; sleep inf & sleep inf' & ";

TEST(Timeout, LeavesNothingOfTheTree) {
  EXPECT_EQ(status({"--whole", "-k", ".01", ".3", "sh", "-c", std::string(kStray) + "sleep inf"}),
            124);
  EXPECT_EQ(status({"--whole", "-s", "KILL", ".3", "sh", "-c", std::string(kStray) + "sleep inf"}),
            137);
  EXPECT_EQ(status({"--whole", "-p", ".1", "sleep", "inf"}), 128 + SIGTERM);
}

TEST(Timeout, LeavesNothingOfTheTreeIfTheCommandEndsItself) {
  EXPECT_EQ(status({"--whole", "-k", ".01", "60", "sh", "-c", std::string(kStray) + "exit 7"}), 7);
  EXPECT_EQ(status({"--whole", "60", "true"}), 0);
}

TEST(Timeout, LeavesChildrenOfBeforeAlone) {
  const Ran ran = run_program(
      "/bin/sh",
      {"-c", "sleep 600 <&- >&- 2>&- & exec \"$0\" --whole 60 sh -c \"kill $! && exit 6\"",
       links().path("timeout")});
  EXPECT_EQ(ran.status, 6) << ran.err;
  EXPECT_EQ(ran.err, "");
}

}  // namespace
}  // namespace knell::test
