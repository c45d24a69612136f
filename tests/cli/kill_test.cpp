/// `knell plan` and `knell kill` on real processes: what is said, what is done, and the status.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

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
