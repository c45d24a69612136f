#include "knell/live/proc_status.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "any_bytes.hpp"
#include "knell/live/proc_fs.hpp"

namespace knell::live {
namespace {

constexpr const char* kStatus =
    "Name:\ta\\nb\\\\c:d\nUmask:\t0022\nState:\tt (tracing stop)\nTgid:\t20\nNgid:\t0\nPid:\t21\n"
    "PPid:\t7\nTracerPid:\t99\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t4 24 \n"
    "NStgid:\t20\t1\nNSpid:\t21\t2\nVmPeak:\t   10 kB\nCoreDumping:\t1\nThreads:\t5\n"
    "SigQ:\t0/96365\nSigPnd:\t0000000000000100\nShdPnd:\t0000000000004000\n"
    "SigBlk:\t0000000000000001\nSigIgn:\t8000000000000000\nSigCgt:\t0000000180014003\n"
    "CapEff:\t000001ffffffffff\n";

TEST(ProcStatus, HasItsFields) {
  const auto status = parse_status(kStatus);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->name, "a\nb\\c:d");
  EXPECT_EQ(status->state, TaskState::traced);
  EXPECT_EQ(status->tgid, Pid(20));
  EXPECT_EQ(status->pid, Pid(21));
  EXPECT_EQ(status->parent, Pid(7));
  EXPECT_EQ(status->tracer, Pid(99));
  EXPECT_EQ(status->cred, (Cred{.uid = Uid(1),
                                .euid = Uid(2),
                                .suid = Uid(3),
                                .fsuid = Uid(4),
                                .gid = Gid(5),
                                .egid = Gid(6),
                                .sgid = Gid(7),
                                .fsgid = Gid(8),
                                .cap_effective = 0x1ffffffffff}));
  EXPECT_EQ(status->ns_pids, (std::vector{Pid(21), Pid(2)}));
  EXPECT_EQ(status->threads, 5U);
  EXPECT_EQ(status->pending, SigSet{signals::kKill});
  EXPECT_EQ(status->shared_pending, SigSet{signals::kTerm});
  EXPECT_EQ(status->blocked, SigSet{signals::kHup});
  EXPECT_EQ(status->ignored, SigSet{Signal(64)});
  EXPECT_EQ(status->caught, (SigSet{signals::kHup, signals::kInt, signals::kTerm, signals::kChld,
                                    Signal(32), Signal(33)}));
  EXPECT_TRUE(status->core_dumping);
}

TEST(ProcStatus, OldKernelsLeaveLinesOut) {
  const auto status = parse_status("Name:\tx\nState:\tS (sleeping)\nTgid:\t5\nPid:\t5\n");
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->ns_pids.empty());
  EXPECT_FALSE(status->core_dumping);
}

TEST(ProcStatus, WithoutStateOrNumberItIsNone) {
  EXPECT_FALSE(parse_status(""));
  EXPECT_FALSE(parse_status("Name:\tx\nTgid:\t5\nPid:\t5\n"));
  EXPECT_FALSE(parse_status("Name:\tx\nState:\tS (sleeping)\nTgid:\t5\n"));
}

TEST(ProcStatus, NoBytesUpsetIt) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *test::mangled({"Name:", "\t", "\\", "State:\t", "Tgid:\t1", "Pid:\t2", "\n",
                                      "Uid:\t1\t", "NSpid:\t", "SigBlk:\tffffffffffffffffffff",
                                      "CapEff:\t", "18446744073709551616", kStatus});
    const auto status = parse_status(text);
    if (status) RC_ASSERT(status->pid != Pid{});
  }));
}

TEST(ProcStatus, ReadsTheTestItself) {
  sigset_t blocked{}, before{};
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR2);
  ASSERT_EQ(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
  ProcReader proc(AT_FDCWD);
  const auto text = proc.record("/proc/self/status");
  sigprocmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(text);
  const auto status = parse_status(*text);
  ASSERT_TRUE(status);

  uid_t uid = 0, euid = 0, suid = 0;
  getresuid(&uid, &euid, &suid);
  EXPECT_EQ(status->pid, Pid(getpid()));
  EXPECT_EQ(status->tgid, Pid(getpid()));
  EXPECT_EQ(status->parent, Pid(getppid()));
  EXPECT_EQ(status->cred.uid, Uid(uid));
  EXPECT_EQ(status->cred.euid, Uid(euid));
  EXPECT_EQ(status->cred.suid, Uid(suid));
  EXPECT_TRUE(status->blocked.has(signals::kUsr2));
}

}  // namespace
}  // namespace knell::live
