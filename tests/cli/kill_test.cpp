/// `knell plan` and `knell kill` on real processes: what is said, what is done, and the status.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <fstream>

#include "knell.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {
namespace {

TEST(Plan, SaysAndSendsNothing) {
  Child child(behaviour::sleeping());
  const Ran ran = knell({"plan", number(child)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(number(child)));
  EXPECT_THAT(ran.out, HasSubstr("dies"));
  EXPECT_TRUE(child.lives());
  EXPECT_EQ(knell({"kill", "-p", number(child)}).status, 0);
  EXPECT_TRUE(child.lives());
}

TEST(Plan, LeavesToTheProgramWhatIsTheProgramsToDecide) {
  Child child(behaviour::exiting_on(SIGTERM, 7));
  const Ran ran = knell({"plan", number(child)});
  EXPECT_THAT(ran.out, HasSubstr("handler decides"));
}

TEST(Kill, EndsAndTells) {
  Child child(behaviour::sleeping());
  const Ran ran = knell({"kill", number(child)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kTerm));
  EXPECT_THAT(ran.out, HasSubstr("killed by TERM"));
}

TEST(Kill, EscalatesWhereTermIsIgnored) {
  Child child(behaviour::ignoring(SIGTERM));
  const Ran ran = knell({"kill", "--steps", "TERM:50ms,KILL", number(child)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kKill));
}

TEST(Kill, TellsTheExitStatusThatAHandlerChose) {
  Child child(behaviour::exiting_on(SIGTERM, 7));
  const Ran ran = knell({"kill", number(child)});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("exit status 7"));
}

TEST(Kill, ReachesTheLastDescendant) {
  Subreaper adopt;
  Child parent(behaviour::having_children(3));
  const std::vector<ProcessId> children = children_of(parent, 3);
  const Ran ran = knell({"kill", "--now", number(parent)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const ProcessId& child : children) EXPECT_FALSE(Guard(child).lives());
}

TEST(Kill, OnlyLeavesTheChildrenAndThePlanSaysWhoGetsThem) {
  Subreaper adopt;
  Child parent([](const Handshake& say) {
    const pid_t child = ::fork();
    if (child == 0) behaviour::sleep_for_ever();
    say.introduce(child);
    behaviour::sleep_for_ever();
  });
  Guard child(parent.first_process());
  const Ran ran = knell({"kill", "--only", "--now", number(parent)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(child.lives());
  EXPECT_THAT(ran.out, HasSubstr("Orphans"));
}

/// Has two children called `name`, and starts a third, which it introduces, when the first ends.
/// The second takes its time over SIGTERM until the third stands. Says ready first.
Behaviour starting_again(const std::string& name) {
  return [=](const Handshake& test) {
    std::array<int, 2> named{};
    std::array<int, 2> stands{};
    if (pipe(named.data()) != 0 || pipe(stands.data()) != 0) _exit(1);
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    char byte = 0;
    const auto begin = [&] {
      prctl(PR_SET_NAME, name.c_str());
      if (write(named[1], "x", 1) != 1) _exit(1);
    };
    const pid_t first = behaviour::fork_bound();
    if (first == 0) {
      begin();
      behaviour::sleep_for_ever();
    }
    if (behaviour::fork_bound() == 0) {
      sigprocmask(SIG_BLOCK, &term, nullptr);
      begin();
      int signal = 0;
      sigwait(&term, &signal);
      _exit(read(stands[0], &byte, 1) == 1 ? 0 : 1);
    }
    if (read(named[0], &byte, 1) != 1 || read(named[0], &byte, 1) != 1) _exit(1);
    test.ready();
    waitpid(first, nullptr, 0);
    const pid_t third = behaviour::fork_bound();
    if (third == 0) {
      begin();
      behaviour::sleep_for_ever();
    }
    if (read(named[0], &byte, 1) != 1) _exit(1);
    test.introduce(third);
    if (write(stands[1], "x", 1) != 1) _exit(1);
    behaviour::sleep_for_ever();
  };
}

TEST(Kill, IsNotDoneWhereWhatIsNamedWasStartedAgainMeanwhile) {
  const std::string name = "again-" + std::to_string(getpid());
  const Child supervisor(starting_again(name));
  const Ran ran = knell({"kill", "-y", name});
  EXPECT_EQ(ran.status, 3) << ran.out << ran.err;
  const std::optional<ProcessId> third = supervisor.next_process();
  ASSERT_TRUE(third);
  EXPECT_THAT(ran.out, HasSubstr("Survived: 1 of 3 (" + std::to_string(third->pid.value())));
  EXPECT_THAT(ran.out, HasSubstr("started meanwhile"));
  EXPECT_TRUE(Guard(*third).lives()) << "nothing was promised about it";
  EXPECT_TRUE(supervisor.lives());
}

TEST(Kill, WithoutWaitingSignalsAndGoes) {
  Child child(behaviour::ignoring(SIGTERM));
  const Ran ran = knell({"kill", "--no-wait", "--signal", "TERM", number(child)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(child.lives());
}

TEST(ExitStatus, NothingMatchedIsOne) {
  const Ran ran = knell({"kill", "no-such-name-anywhere"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("no-such-name-anywhere"));
}

TEST(ExitStatus, AMistakeIsTwoAndEndsNothing) {
  Child child(behaviour::sleeping());
  const std::string pid = number(child);
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                {"kill"},
                                                {"kill", "--nonsense", pid},
                                                {"kill", "-1"},
                                                {"kill", pid, "0"},
                                                {"kill", pid, "prot:80"},
                                                {"kill", pid, "/(/"},
                                                {"kill", pid, "--signal", "NOPE"},
                                                {"kill", pid, "--steps", "TERM:x"},
                                                {"kill", pid, "--now", "--signal", "TERM"},
                                                {"kill", pid, "--older", "soon"},
                                                {"frobnicate", pid}}) {
    const Ran ran = knell(wrong);
    EXPECT_EQ(ran.status, 2) << testing::PrintToString(wrong) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("knell: "));
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_TRUE(child.lives());
}

TEST(ExitStatus, ASurvivorIsThreeAndWhy) {
  Child child(behaviour::ignoring(SIGTERM));
  const Ran ran = knell({"kill", "--signal", "TERM", "--wait", "50ms", number(child)});
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.out, HasSubstr("ignores TERM"));
  EXPECT_TRUE(child.lives());
}

TEST(ExitStatus, WantOfPermissionIsFour) {
  if (!is_root()) GTEST_SKIP() << "needs root to be another user";
  Child child(behaviour::sleeping());
  const Ran ran = knell({"kill", "--now", number(child)}, {.before = become_stranger});
  EXPECT_EQ(ran.status, 4) << ran.out << ran.err;
  EXPECT_TRUE(child.lives());
}

TEST(Kill, WorksForAPlainUserOnItsOwn) {
  if (!is_root()) GTEST_SKIP() << "needs root to be another user";
  Child child(behaviour::as_user(kStranger, behaviour::sleeping()));
  const Ran ran = knell({"kill", number(child)}, {.before = become_stranger});
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kTerm));
}

TEST(Kill, SparesItsAncestorsAndSaysSo) {
  // This test program is knell's parent.
  const Ran ran = knell({"kill", std::to_string(::getpid())});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("ancestor"));
}

TEST(Kill, SparesItselfThoughItsOwnCommandLineMatches) {
  const Ran ran = knell({"kill", "--full", "/a-pattern-only-knell-has/"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("knell itself"));
}

TEST(Kill, HoldsAThreadGroupWhoseLeaderEndedForAlive) {
  Child child(behaviour::leader_gone());
  ASSERT_EQ(state_letter(child.pid()), 'Z');
  const Ran ran = knell({"kill", number(child)});
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_THAT(ran.out, Not(HasSubstr("zombie already")));
  EXPECT_THAT(ran.out, HasSubstr("Gone: "));
}

TEST(Kill, TellsAZombieFromTheLiving) {
  Child parent(behaviour::keeping_a_zombie());
  const ProcessId zombie = parent.first_process();
  const Ran ran = knell({"kill", "--only", std::to_string(zombie.pid.value())});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("zombie already"));
}

TEST(Kill, ByPortAndSaysThatThePortComesBack) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  socklen_t length = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  const std::string port = std::to_string(ntohs(address.sin_port));
  Child child(behaviour::sleeping());  // has inherited the socket
  ::close(listener);
  const Ran ran = knell({"kill", "port:" + port});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("127.0.0.1:" + port));
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kTerm));
}

TEST(Kill, KnowsAStalePidfile) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "x.pid";
  std::ofstream(path) << 1 << '\n';
  const timespec long_ago[2] = {{1'000'000, 0}, {1'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), long_ago, 0), 0);
  const Ran ran = knell({"kill", "pidfile:" + path});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("stale"));
}

TEST(Names, AreShownHarmlesslyAndMatchedRightly) {
  const std::string hostile = "a)\n\x1b[31m\xff b";
  Child child([&](const Handshake& say) {
    ::prctl(PR_SET_NAME, hostile.c_str());
    say.ready();
    behaviour::sleep_for_ever();
  });
  const Ran found = knell({"find", "name:" + hostile});
  EXPECT_THAT(found.out, HasSubstr(number(child)));
  const Ran ran = knell({"kill", "name:" + hostile});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(ran.out, Not(HasSubstr("\xff")));
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kTerm));
}

TEST(Output, QuietIsSilent) {
  Child child(behaviour::sleeping());
  const Ran ran = knell({"kill", "--quiet", number(child)});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out + ran.err, "");
}

TEST(Output, IsColouredOnlyWhenAsked) {
  Child child(behaviour::sleeping());
  EXPECT_THAT(knell({"plan", number(child)}).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(knell({"plan", "--color", "always", number(child)}).out, HasSubstr("\x1b["));
}

TEST(Output, FitsEightyColumns) {
  Child parent(behaviour::having_children(5));
  const Ran ran = knell({"plan", number(parent)});
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(Output, HelpFitsEightyColumnsAndNamesTheCommand) {
  for (const char* command : {"plan", "kill", "find", "demo"}) {
    const Ran ran = knell({command, "--help"});
    EXPECT_EQ(ran.status, 0);
    EXPECT_THAT(ran.out, HasSubstr("Usage: knell " + std::string(command)));
    std::istringstream lines(ran.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(Demo, EndsItsTreeAndNothingElse) {
  const Ran ran = knell({"demo"});
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  for (const char* part : {"demo-parent", "demo-stubborn", "demo-stray", "demo-zombie",
                           "ignores TERM", "tied", "Gone: 5 of 5", "was not touched"})
    EXPECT_THAT(ran.out, HasSubstr(part));
}

}  // namespace
}  // namespace knell::test
