/// /proc/TID/status and /proc/TID/syscall, as a running Linux 6.18 wrote them.

#include "knell/conform/proc_task.hpp"

#include <gtest/gtest.h>

namespace knell::conform {
namespace {

TEST(ProcTask, AStatus) {
  const auto look = parse_look(
      "Name:\tState:\\n\nUmask:\t0000\nState:\tS "
      "(sleeping)\nTgid:\t3\nNgid:\t0\nPid:\t5\nPPid:\t2\n"
      "TracerPid:\t4\nUid:\t1000\t1001\t1002\t1001\nGid:\t0\t0\t0\t0\nFDSize:\t256\nGroups:\t \n"
      "NStgid:\t3\t1\nNSpid:\t5\t2\nNSpgid:\t7\t0\nNSsid:\t6\t0\nKthread:\t0\nVmSize:\t 22576 kB\n"
      "Threads:\t2\nSigQ:\t0/96343\nSigPnd:\t0000000000000001\nShdPnd:\t0000000000000200\n"
      "SigBlk:\t8000000000000000\nSigIgn:\t0000000000000400\nSigCgt:\t0000000000000800\n"
      "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n");
  ASSERT_TRUE(look);
  EXPECT_EQ(look->state, 'S');
  EXPECT_EQ(look->switches, 15U);
  EXPECT_TRUE(look->has_memory);
  TaskSeen expected;
  expected.pid = Pid(5), expected.tgid = Pid(3), expected.parent = Pid(2);
  expected.tracer = Pid(4), expected.pgrp = Pgid(7), expected.session = Sid(6);
  expected.uid = Uid(1000), expected.euid = Uid(1001), expected.suid = Uid(1002);
  expected.pending = SigSet(1), expected.shared_pending = SigSet(0x200);
  expected.blocked = SigSet(std::uint64_t{1} << 63);
  expected.ignored = SigSet(0x400), expected.caught = SigSet(0x800);
  expected.threads = 2;
  EXPECT_EQ(look->seen, expected);
  EXPECT_FALSE(parse_look("")) << "the file of a task that is gone";
}

TEST(ProcTask, WhereATaskSleeps) {
  const auto futex =
      parse_asleep("202 0x10000000100c 0x0 0x1 0x0 0x0 0x0 0x7fffa0ec0e70 0x40134f\n");
  ASSERT_TRUE(futex);
  EXPECT_EQ(futex->call, 202);
  EXPECT_EQ(futex->argument, 0x10000000100cU);
  EXPECT_EQ(futex->instruction, 0x40134fU);
  const auto no_call = parse_asleep("-1 0x7fffa0ec0e70 0x401350\n");
  ASSERT_TRUE(no_call);
  EXPECT_EQ(no_call->call, -1);
  EXPECT_EQ(no_call->instruction, 0x401350U);
  EXPECT_FALSE(parse_asleep("running\n"));
  EXPECT_FALSE(parse_asleep(""));
}

}  // namespace
}  // namespace knell::conform
