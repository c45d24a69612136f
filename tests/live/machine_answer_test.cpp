#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "gtest/gtest.h"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/temporary_directory.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::Handshake;
namespace behaviour = knell::test::behaviour;

Answers answer(const Questions& questions) {
  const auto machine = Machine::open();
  EXPECT_TRUE(machine);
  return machine->answer(questions);
}

TEST(MachineAnswer, UsersAreNamesOrNumbers) {
  const Answers answers = answer({.users = {"root", "0", "54321", "no such user"}});
  EXPECT_EQ(answers.users.at("root"), Uid(0));
  EXPECT_EQ(answers.users.at("0"), Uid(0));
  EXPECT_EQ(answers.users.at("54321"), Uid(54321));
  EXPECT_FALSE(answers.users.at("no such user"));
}

TEST(MachineAnswer, FilesAreWhatStatSays) {
  const Answers answers = answer({.files = {"/proc/self/exe", "/nowhere"}});
  struct stat about{};
  ASSERT_EQ(stat("/proc/self/exe", &about), 0);
  EXPECT_EQ(answers.files.at("/proc/self/exe"),
            (FileId{.device = about.st_dev, .inode = about.st_ino}));
  ASSERT_FALSE(answers.files.at("/nowhere"));
  EXPECT_EQ(answers.files.at("/nowhere").error().number, ENOENT);
}

TEST(MachineAnswer, APidFileIsReadWithTheTimeItWasWritten) {
  const knell::test::TemporaryDirectory directory;
  const std::string path = directory.path() / "x.pid";
  const Child child([&](const Handshake& test) {  // at once, as a daemon might
    std::ofstream(path) << getpid() << "\nmore\n";
    test.ready();
    behaviour::sleep_for_ever();
  });
  const Answers answers = answer({.pidfiles = {path}});
  const Result<PidFile>& file = answers.pidfiles.at(path);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->pid, child.id().pid);
  EXPECT_GE(file->written, child.id().start) << "who wrote it started before";
  const auto ticks = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  EXPECT_LE(file->written.value(), child.id().start.value() + 60 * ticks);
}

TEST(MachineAnswer, APidFileOlderThanTheProcessIsToldApart) {
  const knell::test::TemporaryDirectory directory;
  const std::string path = directory.path() / "x.pid";
  const Child child(behaviour::sleeping());
  std::ofstream(path) << child.pid() << "\n";
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const auto written_ago = [&](time_t seconds) {
    const std::array<timespec, 2> times{now, {now.tv_sec - seconds, now.tv_nsec}};
    utimensat(AT_FDCWD, path.c_str(), times.data(), 0);
    return answer({.pidfiles = {path}}).pidfiles.at(path)->written;
  };
  EXPECT_GE(written_ago(0), child.id().start);
  EXPECT_LT(written_ago(60), child.id().start);
  EXPECT_EQ(written_ago(now.tv_sec), StartTime{}) << "long before this boot";
}

TEST(MachineAnswer, AFileWithoutANumberIsNoPidFile) {
  const knell::test::TemporaryDirectory directory;
  const auto ask = [&](const std::string& text) {
    const std::string path = directory.path() / "x.pid";
    std::ofstream(path) << text;
    return answer({.pidfiles = {path}}).pidfiles.at(path);
  };
  for (const char* text : {"", "\n", "daemon\n", "-5\n", "0\n", "12x\n", "99999999999\n"})
    EXPECT_FALSE(ask(text)) << text;
  EXPECT_EQ(ask("  12 \n")->pid, Pid(12));
  EXPECT_EQ(ask("12")->pid, Pid(12));
}

TEST(MachineAnswer, AFifoIsNotWaitedFor) {
  const knell::test::TemporaryDirectory directory;
  const std::string path = directory.path() / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(answer({.pidfiles = {path}}).pidfiles.at(path));
}

// A real terminal, and a real session that has it.
TEST(MachineAnswer, ATerminalHasTheNumberThatItsSessionShows) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) GTEST_SKIP() << "no pseudo terminals here";
  ASSERT_EQ(grantpt(master), 0);
  ASSERT_EQ(unlockpt(master), 0);
  std::array<char, 64> name{};
  ASSERT_EQ(ptsname_r(master, name.data(), name.size()), 0);
  const Child child([&](const Handshake& test) {
    setsid();
    if (open(name.data(), O_RDWR) < 0) _exit(1);  // without O_NOCTTY it becomes the session's
    test.ready();
    behaviour::sleep_for_ever();
  });
  const std::string full = name.data();
  const std::string brief = full.substr(std::string("/dev/").size());
  const Answers answers = answer({.terminals = {full, brief, "null", "pts/no"}});
  const auto machine = Machine::open();
  const auto world = machine->read({});
  const std::uint32_t shown = world->signal_of(world->find(child.id())).tty;
  close(master);
  EXPECT_NE(shown, 0U);
  EXPECT_EQ(answers.terminals.at(full), shown);
  EXPECT_EQ(answers.terminals.at(brief), shown);
  EXPECT_FALSE(answers.terminals.at("pts/no"));
}

}  // namespace
}  // namespace knell::live
