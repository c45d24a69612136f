/// At a terminal: knell asks before it reaches beyond what was named.

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>

#include "knell.hpp"

namespace knell::test {
namespace {

/// Runs knell on a terminal of its own, answers its question, and gives back all it said.
Ran at_terminal(const std::vector<std::string>& arguments, const std::string& answer) {
  int terminal = -1;
  winsize size{24, 80, 0, 0};
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    std::vector<char*> argv{const_cast<char*>(KNELL_BINARY)};
    for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execv(KNELL_BINARY, argv.data());
    ::_exit(127);
  }
  Ran ran;
  bool answered = false;
  for (;;) {
    pollfd waiting{terminal, POLLIN, 0};
    if (::poll(&waiting, 1, 20'000) <= 0) break;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(terminal, buffer.data(), buffer.size());
    if (got <= 0) break;  // EIO: the other side is closed
    ran.out.append(buffer.data(), static_cast<std::size_t>(got));
    if (!answered && ran.out.find("[y/N] ") != std::string::npos) {
      answered = true;
      if (::write(terminal, answer.data(), answer.size()) < 0) break;
    }
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(child, &status, 0);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

TEST(Terminal, AsksWhenItReachesFurtherThanNamedAndTakesNoForAnAnswer) {
  Child parent(behaviour::having_children(1));
  const Ran ran = at_terminal({"kill", "--now", number(parent)}, "n\n");
  EXPECT_THAT(ran.out, HasSubstr("[y/N]"));
  EXPECT_THAT(ran.out, HasSubstr("nothing was signalled"));
  EXPECT_EQ(ran.status, 3);
  EXPECT_TRUE(parent.lives());
}

TEST(Terminal, TakesYesForAnAnswer) {
  Subreaper adopt;
  Child parent(behaviour::having_children(1));
  Guard child(children_of(parent, 1).front());
  const Ran ran = at_terminal({"kill", "--now", number(parent)}, "y\n");
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_FALSE(child.lives());
}

TEST(Terminal, DoesNotAskWhenOnlyTheNamedAreReachedOrWhenToldSo) {
  Child one(behaviour::sleeping());
  EXPECT_THAT(at_terminal({"kill", "--now", number(one)}, "n\n").out, Not(HasSubstr("[y/N]")));
  Child parent(behaviour::having_children(1));
  EXPECT_THAT(at_terminal({"kill", "-y", "--now", number(parent)}, "n\n").out,
              Not(HasSubstr("[y/N]")));
}

TEST(Terminal, ShowsHowFarItIsWhileItWaits) {
  Child child(behaviour::ignoring(SIGTERM));
  const Ran ran = at_terminal({"kill", "--steps", "TERM:400ms,KILL", number(child)}, "");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("\r\x1b[K")) << "a line written over itself";
  EXPECT_THAT(ran.out, HasSubstr("KILL in"));
}

TEST(Terminal, ColoursUnlessAskedNotTo) {
  Child child(behaviour::sleeping());
  ::setenv("TERM", "xterm", 1);
  ::unsetenv("NO_COLOR");
  EXPECT_THAT(at_terminal({"plan", number(child)}, "").out, HasSubstr("\x1b["));
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_THAT(at_terminal({"plan", number(child)}, "").out, Not(HasSubstr("\x1b[")));
  ::unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace knell::test
