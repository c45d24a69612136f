#include "knell/live/task_names.hpp"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "in_child.hpp"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::Handshake;
namespace behaviour = knell::test::behaviour;

#define KNELL_NEEDS_TASK_NAMES()                                               \
  if (const auto names = task_names(); !names)                                 \
  GTEST_SKIP() << "skipped: the kernel does not give its list of names here: " \
               << errno_name(names.error())

using Names = std::map<Pid, std::string>;

Names names_of(const std::vector<TaskName>& list) {
  Names names;
  for (const TaskName& name : list) names.emplace(name.pid, name.comm);
  return names;
}

Child called(const std::string& name) {
  return Child([name](const Handshake& say) {
    ::prctl(PR_SET_NAME, name.c_str());
    say.ready();
    behaviour::sleep_for_ever();
  });
}

/// proc(5): the name and a line end, whatever the name is.
std::string comm_in_proc(Pid pid) {
  std::ifstream file("/proc/" + std::to_string(pid.value()) + "/comm");
  std::string text{std::istreambuf_iterator(file), {}};
  if (!text.empty()) text.pop_back();
  return text;
}

TEST(TaskNames, AreThoseThatWereSet) {
  KNELL_NEEDS_TASK_NAMES();
  const Child full = called("fifteen letters");
  const Child odd = called("a)\n\t\xff");
  const Child none = called("");
  const Child zombie(behaviour::keeping_a_zombie());
  const auto list = task_names();
  ASSERT_TRUE(list);
  EXPECT_TRUE(std::ranges::is_sorted(*list, {}, &TaskName::pid));
  const Names names = names_of(*list);
  EXPECT_EQ(names.size(), list->size()) << "nobody comes twice";
  EXPECT_EQ(names.at(full.id().pid), "fifteen letters");
  EXPECT_EQ(names.at(odd.id().pid), "a)\n\t\xff");
  EXPECT_EQ(names.at(none.id().pid), "");
  EXPECT_EQ(names.at(zombie.first_process().pid), comm_in_proc(zombie.first_process().pid));
}

TEST(TaskNames, AProcessHasThatOfItsFirstThread) {
  KNELL_NEEDS_TASK_NAMES();
  const Child child([](const Handshake& say) {
    ::prctl(PR_SET_NAME, "leader");
    const std::jthread other([&] {
      ::prctl(PR_SET_NAME, "other");
      say.tell(::gettid());
      behaviour::sleep_for_ever();
    });
  });
  const Names names = names_of(*task_names());
  EXPECT_EQ(names.at(child.id().pid), "leader");
  EXPECT_FALSE(names.contains(Pid(static_cast<pid_t>(child.first()))));
}

TEST(TaskNames, AreThoseOfProc) {
  KNELL_NEEDS_TASK_NAMES();
  const Child herd(behaviour::having_children(1700));  // more than one read(2) gives
  const auto members = knell::test::children_of(herd, 1700);
  const auto machine = Machine::open();
  const auto before = machine->read({});
  ASSERT_TRUE(before);
  const Names names = names_of(*task_names());
  for (const ProcessId member : members) ASSERT_TRUE(names.contains(member.pid));
  for (const TaskIndex task : before->processes()) {
    const Task& one = (*before)[task];
    if (!names.contains(one.pid) || comm_in_proc(one.pid) != one.comm) continue;  // gone or renamed
    EXPECT_EQ(names.at(one.pid), one.kernel_thread ? "" : one.comm);
  }
}

TEST(TaskNames, APidNamespaceHasItsOwnNumbers) {
  KNELL_NEEDS_TASK_NAMES();
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(::unshare(CLONE_NEWPID) == 0);
              return test::in_child([] {
                       ::prctl(PR_SET_NAME, "innermost");
                       const auto names = task_names();
                       KNELL_CHECK(names.has_value());
                       KNELL_CHECK(names->size() == 1);
                       KNELL_CHECK(names->front().pid == Pid(1));
                       KNELL_CHECK(names->front().comm == "innermost");
                       return true;
                     }) == 0;
            }),
            0);
}

TEST(TaskNames, AreNotGivenToEverybody) {
  if (!test::is_root()) GTEST_SKIP() << "skipped: needs root to become somebody else";
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(::setuid(65534) == 0);
              KNELL_CHECK(!task_names());
              return true;
            }),
            0);
}

bool end_whoever_calls_bpf() {
  std::array filter{sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
                    sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                    sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// As systemd's SystemCallFilter= does unless told otherwise.
TEST(TaskNames, NobodyIsEndedForAskingUnderAFilter) {
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(end_whoever_calls_bpf());
              const auto names = task_names();
              KNELL_CHECK(!names);
              KNELL_CHECK(names.error() == EPERM || names.error() == ENOSYS);
              return true;
            }),
            0);
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(end_whoever_calls_bpf());
              ::syscall(SYS_bpf, 0, nullptr, 0);
              return true;
            }),
            128 + SIGSYS)
      << "the filter must be one";
}

}  // namespace
}  // namespace knell::live
