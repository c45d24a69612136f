/// `knell run`, as a user runs it: held against timeout(1) and sh(1) where they do the same.

#include "run_command.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <algorithm>

#include "support/temporary_directory.hpp"

namespace knell::test {
namespace {

TEST_P(Run, EndsWithTheStatusThatAShellGives) {
  for (const char* script : {"true", "exit 3", "exit 255", "kill -9 $$", "kill -TERM $$",
                             "kill -SEGV $$", "kill -PIPE $$", "exec /etc/passwd"}) {
    const Ran theirs =
        run_program("/bin/sh", {"-c", std::string("sh -c '") + script + "'; exit $?"});
    EXPECT_EQ(in(shell(script)).status, theirs.status) << script;
  }
}

/// The same as timeout(1) takes it: [OPTION...] TIME COMMAND...
Words in_our_words(const Words& words) {
  Words ours;
  auto word = words.begin();
  for (; word->starts_with("--"); ++word)
    ours.push_back(word->starts_with("--kill-after=") ? "--grace=" + word->substr(13) : *word);
  ours.push_back("--timeout=" + *word);
  ours.emplace_back("--");
  ours.insert(ours.end(), word + 1, words.end());
  return ours;
}

TEST_P(Run, EndsWithTheStatusThatTimeoutGives) {
  const std::vector<Words> cases{{"60", "true"},
                                 {"60", "sh", "-c", "exit 9"},
                                 {"60", "/nonexistent/program"},
                                 {"60", "/etc/passwd"},
                                 {"60", "/etc/passwd/x"},
                                 {"0.1", "sleep", "60"},
                                 {"0.1s", "sh", "-c", "trap 'exit 5' TERM; sleep 60 & wait"},
                                 {"--preserve-status", "0.1", "sleep", "60"},
                                 {"--signal=KILL", "0.1", "sleep", "60"},
                                 {"--signal=INT", "0.1", "sleep", "60"},
                                 {"--kill-after=0.1", "0.1", "sh", "-c", "trap '' TERM; sleep 1"},
                                 {"0", "true"}};
  for (const Words& words : cases) {
    const Ran theirs = run_program("/usr/bin/timeout", words);
    EXPECT_EQ(in(in_our_words(words)).status, theirs.status) << testing::PrintToString(words);
  }
}

TEST_P(Run, NothingThatWentAwayEscapes) {
  const std::string time = own_sleep();
  const Ran ran = in({"--grace", "0.3", "--", "sh", "-c",
                      "setsid env -i sh -c '(setsid sleep " + time + " &)'; sleep " + time +
                          " & (trap '' TERM HUP; sleep " + time + " &); sh -c 'kill -STOP $$' " +
                          time + " & exit 4"});
  EXPECT_EQ(ran.status, 4) << ran.err;
  EXPECT_THAT(with_argument(time), testing::IsEmpty());
}

TEST_P(Run, NothingThatHopsFromForkToForkEscapes) {
  if (!have("/usr/bin/perl")) GTEST_SKIP() << "skipped: no perl to write a hopping program in";
  const std::string mark = own_sleep();
  // 16 at a time, each of which forks, ends, and lives on in its child; for 20 s at most.
  const Ran ran = in({"--grace", "0.2", "--", "perl", "-e",
                      "$e = time + 20; exit 6 if fork; fork for 1 .. 4; $SIG{TERM} = 'IGNORE';"
                      "while (time < $e) { exit if fork }",
                      mark});
  EXPECT_EQ(ran.status, 6) << ran.err;
  EXPECT_THAT(ran.err, Not(HasSubstr("lives on")));
  EXPECT_THAT(with_argument(mark), testing::IsEmpty());
}

/// A descendant that gets the command's number when it has come free, and ends otherwise.
TEST_P(Run, TheStatusIsTheCommandsThoughItsNumberComesBack) {
  if (!is_root() || ::access("/proc/sys/kernel/ns_last_pid", W_OK) != 0)
    GTEST_SKIP() << "skipped: needs root and /proc/sys/kernel/ns_last_pid";
  const Ran ran =
      in({"--grace", "5", "--", "sh", "-c",
          "trap '' TERM; p=$$;"
          "(for i in 1 2 3 4 5 6 7 8 9; do sleep 0.1;"
          "   echo $((p - 1)) >/proc/sys/kernel/ns_last_pid;"
          "   sh -c '[ $$ = '$p' ] && echo again; sleep 0.1; exit 9' & done) & exit 6"});
  if (!ran.out.starts_with("again\n")) GTEST_SKIP() << "skipped: another had the number first";
  EXPECT_EQ(ran.status, 6) << ran.err;
}

TEST_P(Run, ASignalArrivesOnce) {
  if (std::string(GetParam()) == "namespace")
    GTEST_SKIP() << "skipped: in a namespace the command does not know who its supervisor is";
  const Ran ran =
      in(shell("trap 'echo got; n=1' USR1; kill -USR1 $PPID;"
               "while [ -z \"$n\" ]; do sleep 0.01; done; sleep 0.1"));
  EXPECT_EQ(ran.out, "got\n") << ran.err;
}

TEST_P(Run, TermIsPassedOn) {
  const std::string time = own_sleep();
  Place place;
  place.meanwhile = [&](pid_t program) {
    EXPECT_TRUE(eventually([&] {  // knell has it among its arguments, too
      return std::ranges::any_of(with_argument(time), [](pid_t pid) {
        return whole("/proc/" + std::to_string(pid) + "/comm") == "sleep\n";
      });
    }));
    ::kill(program, SIGTERM);
  };
  EXPECT_EQ(in({"sleep", time}, place).status, 128 + SIGTERM);
}

TEST_P(Run, WhatWasIgnoredOrBlockedStaysSo) {
  const Place place{.before = [] {
    ::signal(SIGHUP, SIG_IGN);
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    ::sigprocmask(SIG_SETMASK, &set, nullptr);
  }};
  const Words look{"cat", "/proc/self/status"};
  const Ran ran = in(look, place);
  EXPECT_THAT(ran.out, HasSubstr("SigIgn:\t0000000000000001\n"));
  EXPECT_THAT(ran.out, HasSubstr("SigBlk:\t0000000000000800\n"));
}

TEST_P(Run, AClosedStandardInputStaysClosed) {
  const Ran ran = in(shell("[ -e /dev/fd/0 ] && echo open || echo closed"),
                     {.before = [] { ::close(STDIN_FILENO); }});
  EXPECT_EQ(ran.out, run_program("/bin/sh", {"-c", "[ -e /dev/fd/0 ] && echo open || echo closed"},
                                 {.before = [] { ::close(STDIN_FILENO); }})
                         .out);
}

TEST_P(Run, KeepLeavesTheOthersAlone) {
  const std::string time = own_sleep();
  const Ran ran = in({"--keep", "--", "sh", "-c", "sleep " + time + " >/dev/null 2>&1 & exit 2"},
                     {.before = [] {
                       ::close(STDIN_FILENO);
                       // An init of a namespace stays with them, and holds what it inherited.
                       ::fcntl(STDOUT_FILENO, F_SETFD, FD_CLOEXEC);
                       ::fcntl(STDERR_FILENO, F_SETFD, FD_CLOEXEC);
                     }});
  EXPECT_EQ(ran.status, 2);
  // The shell may have ended before its child became what it should.
  std::vector<pid_t> left;
  ASSERT_TRUE(eventually([&] {
    left = with_argument(time);
    return left.size() == 1;
  }));
  const std::string groups = whole("/proc/" + std::to_string(left.front()) + "/cgroup");
  {
    const Guard end(left.front());
  }
  const std::size_t at = groups.rfind("0::");
  if (at == std::string::npos || groups.find("/knell-run-", at) == std::string::npos) return;
  const std::string path = groups.substr(at + 3, groups.find('\n', at) - at - 3);
  EXPECT_TRUE(eventually([&] {
    return ::rmdir(("/sys/fs/cgroup" + path).c_str()) == 0 ||
           ::rmdir(("/sys/fs/cgroup/unified" + path).c_str()) == 0;
  }));
}

INSTANTIATE_TEST_SUITE_P(Each, Run, testing::Values("cgroup", "namespace", "subreaper"),
                         [](const auto& each) { return std::string(each.param); });

TEST(RunAsUser, NothingEscapesAPlainUser) {
  if (!is_root()) GTEST_SKIP() << "skipped: this user is a plain one already";
  for (const char* enclosure : {"auto", "subreaper"}) {
    const std::string time = own_sleep();
    const Ran ran = knell(run_words(enclosure, shell("setsid sleep " + time + " & exit 3")),
                          {.before = become_stranger});
    EXPECT_EQ(ran.status, 3) << ran.err;
    EXPECT_THAT(with_argument(time), testing::IsEmpty()) << enclosure;
  }
}

/// Before exec: pid 1 of a new namespace; whoever was started first waits for it.
void become_pid_1() {
  if (::unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) ::_exit(99);
  const pid_t init = ::fork();
  if (init > 0) {
    int status = 0;
    ::waitpid(init, &status, 0);
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
  ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr);
  ::mount("proc", "/proc", "proc", 0, nullptr);
}

TEST(RunAsInit, ReapsOrphansAndPassesSignalsOn) {
  if (!is_root()) GTEST_SKIP() << "skipped: needs root for a pid namespace";
  const Ran ran = knell(
      run_words("subreaper",
                shell("echo $PPID; (sleep 0.05 &) ; sleep 0.3; grep -l '^State:.Z'"
                      " /proc/[0-9]*/status; trap 'exit 8' TERM; kill -TERM 1; sleep 9 & wait")),
      {.before = become_pid_1});
  if (ran.status == 99) GTEST_SKIP() << "skipped: no pid namespace may be made here";
  EXPECT_EQ(ran.out, "1\n") << "its supervisor is pid 1, and there are no zombies";
  EXPECT_EQ(ran.status, 8) << ran.err;
}

std::vector<std::string> open_files(const std::string& proc) {
  std::vector<std::string> files;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(proc + "/fd", gone))
    files.push_back(fs::read_symlink(entry.path(), gone));
  return files;
}

TEST(RunDaemon, IsOne) {
  const std::string time = own_sleep();
  const TemporaryDirectory directory;
  const std::string file = directory.path() / "pid";
  const Words words{"run", "--daemon", "--pid-file", file, "sleep", time};
  const Ran ran = knell(words);
  ASSERT_EQ(ran.status, 0) << ran.err;
  const pid_t pid = std::stoi(ran.out);
  const Guard daemon(pid);
  const std::string proc = "/proc/" + std::to_string(pid);
  EXPECT_EQ(whole(file), ran.out);
  EXPECT_EQ(fs::read_symlink(proc + "/cwd"), "/");
  const std::vector<std::string> nothing(3, "/dev/null");
  EXPECT_TRUE(eventually([&] { return open_files(proc) == nothing; }))
      << testing::PrintToString(open_files(proc)) << ": more than it opens itself as it starts";
  EXPECT_NE(::getsid(pid), ::getsid(0));
  EXPECT_NE(::getsid(pid), pid) << "it can get no terminal, for it leads no session";
  EXPECT_THAT(whole(proc + "/status"), HasSubstr("SigIgn:\t0000000000000000\n"));
  const Ran second = knell(words);
  EXPECT_EQ(second.status, 125);
  EXPECT_THAT(second.err, HasSubstr("a daemon that runs has it"));
  ::kill(pid, SIGTERM);
  EXPECT_TRUE(eventually([&] { return !fs::exists(file); }));
}

TEST(RunDaemon, TellsWhyItCannotRun) {
  const Ran ran = knell({"run", "--daemon", "/nonexistent/program"});
  EXPECT_EQ(ran.status, 127);
  EXPECT_THAT(ran.err, HasSubstr("No such file or directory"));
  EXPECT_EQ(ran.out, "");
}

TEST(RunOptions, AreItsOwnBeforeTheCommandAndTheCommandsBehind) {
  EXPECT_EQ(knell({"run", "sh", "-c", "echo $0 $*", "--keep", "--", "-v"}).out, "--keep -- -v\n");
  EXPECT_EQ(knell({"run", "--", "sh", "-c", "echo $1", "sh", "--help"}).out, "--help\n");
  for (const Words& wrong : {Words{"run"}, Words{"run", "--"}, Words{"run", "--none", "true"},
                             Words{"run", "--timeout", "x", "true"}})
    EXPECT_EQ(knell(wrong).status, 125);
}

Words at_terminal(const char* enclosure, const std::string& script) {
  return {KNELL_BINARY, "run", "--timeout", "20", "--enclosure", enclosure, "sh", "-c", script};
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

class Terminal : public Run {};

TEST_P(Terminal, ControlCArrivesOnce) {
  AtATerminal terminal(at_terminal(GetParam(),
                                   "trap 'echo got; n=1' INT; echo ready;"
                                   "while [ -z \"$n\" ]; do sleep 0.01; done; sleep 0.1; exit 5"));
  ASSERT_TRUE(terminal.shows("ready"));
  terminal.type('\x03');
  EXPECT_EQ(terminal.wait(), 5) << terminal.seen();
  EXPECT_EQ(times(terminal.seen(), "got"), 1U) << terminal.seen();
}

TEST_P(Terminal, ControlZStopsTheJobAndContIsEnoughToGoOn) {
  AtATerminal terminal(at_terminal(GetParam(), kUntilInterrupted));
  ASSERT_TRUE(terminal.shows("ready"));
  terminal.type('\x1a');
  ASSERT_TRUE(terminal.shows("[stopped]")) << terminal.seen();
  terminal.type('\x03');
  EXPECT_EQ(terminal.wait(), 128 + SIGINT) << terminal.seen();
}

INSTANTIATE_TEST_SUITE_P(Each, Terminal, testing::Values("cgroup", "namespace", "subreaper"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace knell::test
