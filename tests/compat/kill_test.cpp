/// kill on real processes, which are the test's own.

#include "knell/compat/kill.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compat/commands.hpp"
#include "compat/recorder.hpp"
#include "knell/live/fd.hpp"
#include "knell/live/pidfs.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"

namespace knell::test {
namespace {

using testing::HasSubstr;

constexpr uid_t kStranger = 54321;

bool is_root() {
  return ::geteuid() == 0;
}

void become_stranger() {
  if (::setgroups(0, nullptr) != 0 || ::setresgid(kStranger, kStranger, kStranger) != 0 ||
      ::setresuid(kStranger, kStranger, kStranger) != 0)
    ::_exit(126);
}

std::string number(pid_t pid) {
  return std::to_string(pid);
}

/// One that has ended and was waited for.
std::string gone() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return number(child);
}

// What is sent to whom.

TEST(Kill, SendsTermIfNothingElseIsSaid) {
  const Recorder one;
  for (const std::string& style : every_style()) {
    EXPECT_EQ(kill_as(style, {one.number()}).status, 0) << style;
    EXPECT_EQ(one.signals(), "15 ") << style;
  }
}

TEST(Kill, IsAlsoACommandOfKnell) {
  const Recorder one;
  const Ran ran = run_program(KNELL_BINARY, {"compat", "kill", "-USR1", one.number()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(one.signals(), "10 ");
}

TEST(Kill, TakesASignalInEveryWayThatAllOriginalsTake) {
  const Recorder one;
  const std::vector<Words> ways{{"-s", "USR1"}, {"-s", "10"},      {"-USR1"},      {"-SIGUSR1"},
                                {"-10"},        {"-s", "SIGUSR1"}, {"-s", "usr1"}, {"-USR1", "--"}};
  for (const std::string& style : every_style())
    for (Words words : ways) {
      words.push_back(one.number());
      EXPECT_EQ(kill_as(style, words).status, 0) << style << " " << words.front();
      EXPECT_EQ(one.signals(), "10 ") << style << " " << words.front();
    }
}

TEST(Kill, TakesASignalInEveryWayThatAnyOriginalTakes) {
  const Recorder one;
  const std::vector<Words> ways{
      {"-n", "USR1"},    {"-n10"},  {"-sUSR1"},   {"--signal", "USR1"},       {"--signal=10"},
      {"--sig", "USR1"}, {"-usr1"}, {"-sigusr1"}, {"-s", "HUP", "-s", "USR1"}};
  for (Words words : ways) {
    words.push_back(one.number());
    EXPECT_EQ(run_kill(words).status, 0) << words.front();
    EXPECT_EQ(one.signals(), "10 ") << words.front();
  }
}

// PEERS: lower case `-cont` is rejected by coreutils, accepted by util-linux and procps.
TEST(Kill, TakesLowerCaseBehindADashWhereTheStyleDoes) {
  const Recorder one;
  EXPECT_EQ(kill_as("coreutils", {"-cont", one.number()}).status, 1);
  EXPECT_EQ(one.signals(), "");
  EXPECT_EQ(kill_as("coreutils", {"-Cont", one.number()}).status, 0);
  for (const char* const style : {"", "util-linux", "procps", "toybox"})
    EXPECT_EQ(kill_as(style, {"-cont", one.number()}).status, 0) << style;
  EXPECT_EQ(one.signals(), "18 ");
}

TEST(Kill, TakesASignalBehindTheProcessWhereItsNameSaysSo) {
  const Recorder one;
  for (const char* const style : {"", "coreutils", "procps"})
    for (const Words& words : {Words{one.number(), "-USR1"}, Words{one.number(), "-s", "USR1"}}) {
      EXPECT_EQ(kill_as(style, words).status, 0) << style;
      EXPECT_EQ(one.signals(), "10 ") << style;
    }
}

TEST(Kill, OneFailureDoesNotStopTheRest) {
  const Recorder one;
  const std::string nobody = gone();
  for (const std::string& style : every_style()) {
    const Ran ran = kill_as(style, {"-USR1", nobody, "999999999999", one.number()});
    EXPECT_EQ(ran.status, style == "util-linux" ? 64 : 1) << style;
    EXPECT_THAT(ran.err, HasSubstr("No such process")) << style;
    EXPECT_EQ(one.signals(), "10 ") << style;
    EXPECT_EQ(kill_as(style, {"-USR1", nobody}).status, 1) << style;
  }
}

TEST(Kill, SaysWhatEachOriginalSays) {
  const std::string nobody = gone();
  const std::pair<const char*, std::string> messages[] = {
      {"", "kill: " + nobody + ": No such process\n"},
      {"coreutils", "kill: '" + nobody + "': No such process\n"},
      {"util-linux", "kill: sending signal to " + nobody + " failed: No such process\n"},
      {"procps", "kill: (" + nobody + "): No such process\n"},
      {"toybox", "kill: bad pid '" + nobody + "': No such process\n"}};
  for (const auto& [style, message] : messages)
    EXPECT_EQ(kill_as(style, {nobody}).err, message) << style;
}

TEST(Kill, ReachesAProcessByTheNumberOfItsThread) {
  Child child([](const Handshake& test) {
    std::thread([&] {
      test.tell(static_cast<std::int64_t>(::gettid()));
      behaviour::sleep_for_ever();
    }).join();
  });
  EXPECT_EQ(run_kill({"-KILL", std::to_string(child.first())}).status, 0);
  const auto ended = child.wait();
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->by_signal());
}

TEST(Kill, AsksNothingOfProc) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const Recorder one;
  Place place;
  place.before = [] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", "/proc", "tmpfs", 0, nullptr) != 0)
      ::_exit(126);
  };
  EXPECT_EQ(run_kill({"-USR1", one.number()}, place).status, 0);
  EXPECT_EQ(one.signals(), "10 ");
}

TEST(Kill, TellsWhoMayNotBeSignalled) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const Recorder one;
  Place place;
  place.before = become_stranger;
  const Ran ran = run_program(KNELL_BINARY, {"compat", "kill", one.number()}, place);
  if (ran.status == 127) GTEST_SKIP() << "the program's folder is not open to everybody";
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.err, "kill: " + one.number() + ": Operation not permitted\n");
}

// What is not understood.

TEST(Kill, SendsNothingToAnybodyIfAWordIsNotUnderstood) {
  const Recorder one;
  const std::vector<Words> wrong{{"-FOO"},
                                 {"-s", "FOO"},
                                 {"-65"},
                                 {"--foo"},
                                 {"-s", "-1"},
                                 {"-q", "x"},
                                 {"-KILL9"},
                                 {"-9x"},
                                 {"-KILL", "-HUP"},
                                 {"--timeout", "x", "KILL"},
                                 {"--timeout", "5", "FOO"},
                                 {"--timeout", "-5", "KILL"}};
  for (Words words : wrong) {
    words.push_back(one.number());
    const Ran ran = run_kill(words);
    EXPECT_EQ(ran.status, 1) << words.front();
    EXPECT_THAT(ran.err, HasSubstr("kill: ")) << words.front();
    EXPECT_EQ(one.signals(), "") << words.front();
  }
  for (const Words& words :
       {Words{}, Words{"-s"}, Words{"-TERM"}, Words{"-q"}, Words{"--timeout", "5"}}) {
    EXPECT_EQ(run_kill(words).status, 1);
    EXPECT_THAT(run_kill(words).err, HasSubstr("--help"));
  }
}

/// Behind a process `-9` is a process group to some originals (which then send TERM to it) and a
/// signal to others.
TEST(Kill, RefusesWhatTheOriginalsTakeForAGroupOrASignal) {
  const Recorder one;
  for (const char* const style : {"", "coreutils", "util-linux", "toybox"}) {
    const Ran ran = kill_as(style, {one.number(), "-9"});
    EXPECT_EQ(ran.status, 1) << style;
    EXPECT_THAT(ran.err, HasSubstr("behind a process")) << style;
    EXPECT_EQ(one.signals(), "") << style;
  }
  EXPECT_EQ(kill_as("procps", {one.number(), "-10"}).status, 0);
  EXPECT_EQ(one.signals(), "10 ");
}

// -q, -r, -p, --verbose, PID:INODE

TEST(Kill, QueuesAValue) {
  const Recorder one;
  for (const char* const style : {"", "util-linux", "procps"})
    for (const Words& way : {Words{"-q", "42"}, Words{"--queue", "42"}}) {
      EXPECT_EQ(kill_as(style, {"-USR1", way[0], way[1], one.number()}).status, 0);
      EXPECT_EQ(one.take(), (std::vector<Received>{{SIGUSR1, SI_QUEUE, 42}})) << style;
    }
  EXPECT_EQ(run_kill({"-q-7", "-s", "RTMIN", one.number()}).status, 0);
  EXPECT_EQ(one.take(), (std::vector<Received>{{34, SI_QUEUE, -7}}));
}

/// util-linux queues 1 whatever the value, if there is a --timeout.
TEST(Kill, QueuesTheValueAlsoWithATimeout) {
  const Recorder one;
  EXPECT_EQ(run_kill({"-USR1", "-q", "42", "--timeout", "1", "USR2", one.number()}).status, 1);
  EXPECT_EQ(one.take(), (std::vector<Received>{{SIGUSR1, SI_QUEUE, 42}, {SIGUSR2, SI_QUEUE, 42}}));
}

TEST(Kill, SparesWhoHasNoHandlerIfAsked) {
  Child catching(behaviour::exiting_on(SIGTERM, 7));
  const Child sleeping(behaviour::sleeping());
  for (const char* const style : {"", "util-linux"}) {
    const Ran ran = kill_as(style, {"-r", "--verbose", number(sleeping.pid())});
    EXPECT_EQ(ran.status, 1) << style;
    EXPECT_EQ(ran.out, "not signalling pid " + number(sleeping.pid()) +
                           ", it has no userspace handler for signal 15\n");
  }
  EXPECT_EQ(run_kill({"-r", number(sleeping.pid()), number(catching.pid())}).status, 0);
  EXPECT_EQ(catching.wait(), WaitStatus::exited(7));
  EXPECT_TRUE(sleeping.lives());
}

TEST(Kill, PrintsWhomItWouldSignalAndSendsNothing) {
  const Recorder one;
  for (const char* const style : {"", "util-linux"}) {
    const Ran ran = kill_as(style, {"-p", "--", one.number(), "0", "-1"});
    EXPECT_EQ(ran.out, one.number() + "\n0\n-1\n") << style;
    EXPECT_EQ(ran.status, 0) << style;
  }
  EXPECT_EQ(one.signals(), "");
  // util-linux does not ask whether it could.
  const std::string nobody = gone();
  EXPECT_EQ(run_kill({"-p", nobody}).err, "kill: " + nobody + ": No such process\n");
  EXPECT_EQ(run_kill({"-p", nobody}).status, 1);
  EXPECT_EQ(kill_as("util-linux", {"-p", nobody}).out, nobody + "\n");
}

TEST(Kill, SaysWhatItSendsToWhom) {
  const Recorder one;
  const Ran ran = run_kill({"--verbose", "-USR1", one.number()});
  EXPECT_EQ(ran.out, "sending signal 10 to pid " + one.number() + "\n");
  EXPECT_EQ(one.signals(), "10 ");
}

Inode inode_of(pid_t pid) {
  const live::Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
  return live::pidfs_inode(pidfd.get());
}

TEST(Kill, TellsAProcessFromALaterOneByTheInodeOfItsPidfd) {
  const Recorder one;
  const auto inode = inode_of(one.pid()).value();
  if (inode == 0) GTEST_SKIP() << "needs Linux 6.9";
  for (const char* const style : {"", "util-linux"}) {
    const std::string right = one.number() + ":" + std::to_string(inode);
    const std::string wrong = one.number() + ":" + std::to_string(inode + 1);
    EXPECT_EQ(kill_as(style, {"-USR1", right}).status, 0);
    EXPECT_EQ(one.signals(), "10 ");
    // -q of util-linux does not look at the inode.
    for (const Words& words : {Words{wrong}, Words{"-q", "1", wrong}, Words{"-p", wrong},
                               Words{"--timeout", "1", "KILL", wrong}, Words{one.number() + ":"},
                               Words{one.number() + ":x"}, Words{"-" + right}}) {
      EXPECT_EQ(kill_as(style, words).status, 1) << words.back();
      EXPECT_EQ(one.signals(), "") << words.back();
    }
  }
}

// Names.

TEST(Kill, FindsTheCallersOwnByName) {
  const Recorder one(Recorder::Group::of_the_test, "knell-t-one");
  const Recorder other(Recorder::Group::of_the_test, "knell-t-two");
  for (const char* const style : {"", "util-linux"}) {
    EXPECT_EQ(kill_as(style, {"-USR1", "knell-t-one"}).status, 0);
    EXPECT_EQ(one.signals(), "10 ");
    EXPECT_EQ(kill_as(style, {"-p", "knell-t-one"}).out, one.number() + "\n");
    EXPECT_EQ(kill_as(style, {"-USR1", "knell-t-none"}).status, 1);
    EXPECT_EQ(kill_as(style, {"-USR1", "knell-t-on"}).status, 1);  // a whole name
  }
  for (const char* const style : {"coreutils", "procps", "toybox"})
    EXPECT_EQ(kill_as(style, {"-USR1", "knell-t-one"}).status, 1) << style;
  EXPECT_EQ(one.signals() + other.signals(), "");
}

TEST(Kill, LeavesOtherUsersProcessesAloneUnlessAsked) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const Child stranger(behaviour::as_user(kStranger, [](const Handshake& test) {
    ::prctl(PR_SET_NAME, "knell-t-alien");
    test.ready();
    behaviour::sleep_for_ever();
  }));
  EXPECT_EQ(run_kill({"-p", "knell-t-alien"}).status, 1);
  const Ran all = run_kill({"-a", "-p", "knell-t-alien"});
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_EQ(all.out, number(stranger.pid()) + "\n");
}

TEST(Kill, NeverMeansItselfOrItsAncestorsByName) {
  // A shell runs kill, and both have names that are asked for.
  const Recorder decoy(Recorder::Group::of_the_test, "kill");
  const Ran ran = run_program(
      "/bin/sh", {"-c", "\"$1\" -p kill; \"$1\" -p sh; echo alive", "sh", links().path("kill")});
  EXPECT_THAT(ran.out, HasSubstr(decoy.number() + "\n"));
  EXPECT_THAT(ran.out, HasSubstr("alive"));
}

// --timeout

TEST(Kill, WaitsAndSendsTheNextSignalToWhomIsLeft) {
  Child soft(behaviour::exiting_on(SIGTERM, 5));
  Child hard(behaviour::ignoring(SIGTERM));
  for (const char* const style : {"", "util-linux"}) {
    const Child other(behaviour::ignoring(SIGTERM));
    EXPECT_EQ(kill_as(style, {"--timeout", "10", "KILL", number(other.pid())}).status, 0) << style;
    EXPECT_FALSE(other.lives());
  }
  const Ran ran = run_kill({"--verbose", "--timeout", "3000", "USR1", "--timeout", "50", "KILL",
                            number(soft.pid()), number(hard.pid())});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(soft.wait(), WaitStatus::exited(5));
  EXPECT_EQ(hard.wait(), WaitStatus::killed(signals::kUsr1));
  EXPECT_EQ(ran.out, "sending signal 15 to pid " + number(soft.pid()) +
                         "\nsending signal 15 to pid " + number(hard.pid()) +
                         "\ntimeout, sending signal 10 to pid " + number(hard.pid()) + "\n");
}

/// util-linux ends with 0 and the target lives.
TEST(Kill, SaysSoIfSomebodyLivesOn) {
  Child hard(behaviour::ignoring(SIGTERM));
  Child soft(behaviour::sleeping());
  const Ran ran = run_kill({"--timeout", "1", "TERM", number(hard.pid()), number(soft.pid())});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.err, "kill: '" + number(hard.pid()) + "' lives on\n");
  EXPECT_TRUE(hard.lives());
  EXPECT_FALSE(soft.lives());
  Child third(behaviour::sleeping());
  EXPECT_EQ(
      kill_as("util-linux", {"--timeout", "1", "TERM", number(hard.pid()), number(third.pid())})
          .status,
      64);
}

TEST(Kill, DoesNotTakeAGroupWhereItHasToWaitOrToLook) {
  const Recorder one(Recorder::Group::own);
  for (const Words& words : {Words{"--timeout", "1", "KILL", "--", "-" + one.number()},
                             Words{"-r", "--", "-" + one.number()}}) {
    EXPECT_EQ(run_kill(words).status, 1);
    EXPECT_EQ(one.signals(), "");
  }
}

// What is printed.

TEST(Kill, ShowsWhatBecomesOfSignalsToAProcess) {
  const Child child([](const Handshake& test) {
    ::signal(SIGUSR1, SIG_IGN);
    ::signal(SIGUSR2, [](int) {});
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGTERM, SIGRTMIN}) ::sigaddset(&set, signal);
    ::sigprocmask(SIG_SETMASK, &set, nullptr);
    ::kill(::getpid(), SIGHUP);
    test.ready();
    behaviour::sleep_for_ever();
  });
  const Ran ran = kill_as("util-linux", {"-d", number(child.pid())});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("Pending (process): HUP \n"));
  EXPECT_THAT(ran.out, HasSubstr("Blocked: HUP TERM RT0 \n"));
  EXPECT_THAT(ran.out, HasSubstr("USR1 "));
  EXPECT_THAT(ran.out, HasSubstr("Caught: "));
  EXPECT_THAT(run_kill({"-d", number(child.pid())}).out, HasSubstr("Blocked: HUP TERM RTMIN \n"));
  EXPECT_EQ(run_kill({"-d", gone()}).status, 1);
  EXPECT_EQ(run_kill({"-d", "x"}).status, 1);
}

TEST(Kill, ListsSignals) {
  EXPECT_THAT(run_kill({"-l"}).out, testing::StartsWith("HUP\nINT\nQUIT\n"));
  EXPECT_THAT(run_kill({"-l"}).out, testing::EndsWith("RTMAX-1\nRTMAX\n"));
  EXPECT_THAT(kill_as("coreutils", {"-l"}).out, testing::StartsWith("EXIT\nHUP\n"));
  EXPECT_THAT(kill_as("procps", {"-l"}).out, testing::StartsWith("HUP INT QUIT ILL"));
  EXPECT_THAT(kill_as("util-linux", {"-l"}).out,
              testing::EndsWith("SYS RT<N> RTMIN+<N> RTMAX-<N>\n"));
  EXPECT_THAT(kill_as("toybox", {"-l"}).out, testing::StartsWith(" 1) SIGHUP       2) SIGINT "));
  EXPECT_THAT(run_kill({"-t"}).out, testing::StartsWith(" 1 HUP      Hangup\n"));
  EXPECT_THAT(run_kill({"-L"}).out, testing::StartsWith(" 1 HUP      2 INT      3 QUIT  "));
  EXPECT_EQ(run_kill({"-l", "0x4100"}).out, "KILL\nTERM\n");
}

// PEERS: `-l TERM` is 15 but for util-linux.
TEST(Kill, TurnsNamesIntoNumbersAndBack) {
  EXPECT_EQ(run_kill({"-l", "137", "265", "TERM", "9"}).out, "KILL\nKILL\n15\nKILL\n");
  EXPECT_EQ(run_kill({"-lTERM"}).out, "15\n");
  EXPECT_EQ(kill_as("util-linux", {"-l", "TERM"}).out, "TERM\n");
  EXPECT_EQ(kill_as("util-linux", {"-l", "137"}).out, "KILL\n");
  EXPECT_EQ(kill_as("util-linux", {"-l", "265"}).status, 1);
  for (const char* const style : {"coreutils", "procps", "toybox"})
    EXPECT_EQ(kill_as(style, {"-l", "TERM"}).out, "15\n") << style;
  const Ran unknown = kill_as("procps", {"-l", "137"});
  EXPECT_EQ(unknown.err, "kill: unknown signal name 137\n");
  EXPECT_EQ(unknown.status, 0);
  EXPECT_EQ(run_kill({"-l", "FOO", "TERM"}).status, 1);
  EXPECT_EQ(run_kill({"-l", "FOO", "TERM"}).out, "15\n");
}

TEST(Kill, HelpsAndTellsItsVersion) {
  EXPECT_THAT(run_kill({"--help"}).out, testing::StartsWith("Usage: kill "));
  EXPECT_THAT(run_kill({"--version"}).out, HasSubstr("(knell)"));
  EXPECT_EQ(run_kill({"--help"}).status, 0);
  std::istringstream lines(run_kill({"--help"}).out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(Kill, FailsIfWhatItPrintsIsLost) {
  Place place;
  place.before = [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); };
  for (const Words& words : {Words{"-l"}, Words{"--help"}, Words{"-p", "1"}}) {
    EXPECT_EQ(run_kill(words, place).status, 1) << words.front();
    EXPECT_THAT(run_kill(words, place).err, HasSubstr("No space left")) << words.front();
  }
}

/// The manual is what the parser reads, so an option that it names is one.
TEST(Kill, KnowsEveryOptionOfItsManual) {
  const std::string nobody = gone();
  for (const report::Option& option : compat::kill_manual().options) {
    Words words{option.letter != 0 ? "-" + std::string(1, option.letter) : "--" + option.name};
    if (option.letter == 'd') words.push_back(number(::getpid()));
    if (option.letter == 's' || option.letter == 'n') words.push_back("0");
    if (option.letter == 'q') words.push_back("1");
    if (option.name == "timeout") words.insert(words.end(), {"1", "KILL"});
    if (option.letter == 0 || std::string("snqrap").contains(option.letter))
      words.push_back(nobody);
    const Ran ran = run_kill(words);
    EXPECT_THAT(ran.err, testing::Not(HasSubstr("neither an option"))) << words.front();
    EXPECT_THAT(ran.err, testing::Not(HasSubstr("--help"))) << words.front();
  }
}

}  // namespace
}  // namespace knell::test
