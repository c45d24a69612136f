#include "knell/live/proc_stat.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "any_bytes.hpp"
#include "knell/live/proc_fs.hpp"

namespace knell::live {
namespace {

constexpr const char* kBehindTheName =
    "S 1 77 70 34819 80 4194304 1 2 3 4 5 6 7 8 20 0 3 0 12345 4096 100 18446744073709551615 "
    "1 1 0 0 0 0 0 4096 65536 1 0 0 17 3 0 0 0 0 0 0 0 0 0 0 0 0 9\n";

std::string line(const std::string& name) {
  return "77 (" + name + ") " + kBehindTheName;
}

TEST(ProcStat, HasItsFieldsByTheNumbersOfTheManual) {
  const auto stat = parse_stat(line("sleep"));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->pid, Pid(77));
  EXPECT_EQ(stat->comm, "sleep");
  EXPECT_EQ(stat->state, TaskState::sleeping);
  EXPECT_EQ(stat->parent, Pid(1));
  EXPECT_EQ(stat->pgrp, Pgid(77));
  EXPECT_EQ(stat->session, Sid(70));
  EXPECT_EQ(stat->tty, 34819U);
  EXPECT_EQ(stat->foreground, Pgid(80));
  EXPECT_EQ(stat->num_threads, 3U);
  EXPECT_EQ(stat->start, StartTime(12345));
  EXPECT_EQ(stat->exit_code, 9);
  EXPECT_FALSE(stat->kernel_thread);
  EXPECT_FALSE(stat->exiting);
}

TEST(ProcStat, FlagsTellKernelThreadsAndThoseThatExit) {
  const auto thread =
      parse_stat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 4 0 0");
  ASSERT_TRUE(thread);
  EXPECT_TRUE(thread->kernel_thread);  // 0x208040
  const auto exiting = parse_stat("9 (x) Z 1 9 9 0 -1 4194316 0 0 0 0 0 0 0 0 20 0 1 0 4 0 0");
  ASSERT_TRUE(exiting);
  EXPECT_TRUE(exiting->exiting);  // 0x40000c
  EXPECT_EQ(exiting->state, TaskState::zombie);
}

TEST(ProcStat, OnlyTheLastParenthesisEndsTheName) {
  for (const std::string name :
       {"a) R 1 1", ") S 1 2 3", "((", "", " ", "\n", "x\ny", "\xff\xfe"}) {
    const auto stat = parse_stat(line(name));
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->comm, name);
    EXPECT_EQ(stat->parent, Pid(1)) << name;
  }
}

TEST(ProcStat, AnyNameComesBack) {
  EXPECT_TRUE(rc::check([](const std::string& name) {
    const auto stat = parse_stat(line(name));
    RC_ASSERT(stat.has_value());
    RC_ASSERT(stat->comm == name);
    RC_ASSERT(stat->start == StartTime(12345));
  }));
}

TEST(ProcStat, NoBytesUpsetIt) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *test::mangled(
        {"77 ", "(", ") ", " (", "S", " 1", " -1", "\n", kBehindTheName, " 99999999999999999999"});
    const auto stat = parse_stat(text);
    if (stat) RC_ASSERT(text.find(stat->comm) != std::string::npos);
  }));
}

TEST(ProcStat, HalfALineIsNone) {
  EXPECT_FALSE(parse_stat(""));
  EXPECT_FALSE(parse_stat("77 (x"));
  EXPECT_FALSE(parse_stat("77 (x) S 1 77 70"));
  EXPECT_FALSE(parse_stat("x (x) " + std::string(kBehindTheName)));
}

TEST(ProcStat, ReadsTheTestItself) {
  ProcReader proc(AT_FDCWD);
  const auto text = proc.record("/proc/self/stat");
  ASSERT_TRUE(text);
  const auto stat = parse_stat(*text);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->pid, Pid(getpid()));
  EXPECT_EQ(stat->parent, Pid(getppid()));
  EXPECT_EQ(stat->pgrp, Pgid(getpgid(0)));
  EXPECT_EQ(stat->session, Sid(getsid(0)));
  EXPECT_EQ(stat->state, TaskState::running);
}

// The encoding is that of stat(1)'s and mknod(1)'s numbers, in the order new_encode_dev() has them.
TEST(ProcStat, DevicesAreEncodedAsTheKernelDoes) {
  EXPECT_EQ(encode_device(136, 3), 34819U);      // pts/3
  EXPECT_EQ(encode_device(4, 1), 1025U);         // tty1
  EXPECT_EQ(encode_device(136, 300), 1083436U);  // a terminal beyond 255: 0x10882c
}

}  // namespace
}  // namespace knell::live
