// What the commands of old ask for: processes by name alone, and the files that only they need.

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::Handshake;
namespace behaviour = knell::test::behaviour;

Child called(const char* name) {
  return Child([name](const Handshake& say) {
    ::prctl(PR_SET_NAME, name);
    say.ready();
    behaviour::sleep_for_ever();
  });
}

World read(const Questions& questions) {
  const auto machine = Machine::open();
  EXPECT_TRUE(machine);
  auto world = machine->read(questions);
  EXPECT_TRUE(world) << world.error().message();
  return std::move(*world);
}

/// From how many processes on the kernel's own list of names is asked: always, or never.
class MachineFitting : public testing::TestWithParam<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(By, MachineFitting, testing::Values(0, SIZE_MAX), [](const auto& one) {
  return std::string(one.param == 0 ? "TheKernelsList" : "Proc");
});

TEST_P(MachineFitting, OnlyThoseWithTheNameAndTheCallersAncestorsAreThere) {
  const Child wanted = called("fitting) R 1");
  const Child other = called("other");
  const auto machine = Machine::open({.many = GetParam()});
  ASSERT_TRUE(machine);
  const auto world = machine->read_fitting(
      {.of_all = Known::status}, [](std::string_view comm) { return comm == "fitting) R 1"; });
  ASSERT_TRUE(world) << world.error().message();
  EXPECT_TRUE(world->find(wanted.id()));
  EXPECT_FALSE(world->find(other.id()));
  const TaskIndex self = world->find(Pid(::getpid()));
  ASSERT_TRUE(self);
  EXPECT_EQ((*world)[self].known, Known::stat | Known::status);
  ASSERT_TRUE((*world)[self].real_parent);
  EXPECT_EQ((*world)[(*world)[self].real_parent].pid, Pid(::getppid()));
  EXPECT_EQ((*world)[world->find(wanted.id())].real_parent, self);
}

TEST_P(MachineFitting, NobodyIsMissingWhereAllFit) {
  const Child herd(knell::test::behaviour::having_children(300));
  const auto members = knell::test::children_of(herd, 300);
  const Child passed_over = called("passed over");
  const auto machine = Machine::open({.many = GetParam()});
  const std::vector passed{passed_over.id().pid};
  const auto world =
      machine->read_fitting({.passed_over = passed}, [](std::string_view) { return true; });
  ASSERT_TRUE(world) << world.error().message();
  for (const ProcessId member : members) EXPECT_TRUE(world->find(member));
  EXPECT_FALSE(world->find(passed_over.id()));
}

/// What /proc/PID/comm says of a kernel thread may be longer than its comm.
TEST_P(MachineFitting, KernelThreadsAreCalledAsInProc) {
  const auto machine = Machine::open({.many = GetParam()});
  const auto all = machine->read({});
  ASSERT_TRUE(all);
  TaskIndex longest;
  for (const TaskIndex task : all->processes()) {
    const Task& one = (*all)[task];
    if (!one.kernel_thread || one.comm.starts_with("kworker/")) continue;  // those change
    if (!longest || one.comm.size() > (*all)[longest].comm.size()) longest = task;
  }
  if (!longest) GTEST_SKIP() << "skipped: no kernel threads are to be seen here";
  const std::string name = (*all)[longest].comm;
  const auto world = machine->read_fitting({}, [&](std::string_view comm) { return comm == name; });
  ASSERT_TRUE(world);
  EXPECT_TRUE(world->find((*all)[longest].pid)) << name;
}

std::uint64_t inode_of(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 ? about.st_ino : 0;
}

/// The inode of a namespace's file is its number: namespaces(7).
TEST(MachineShallow, NamespacesAreThoseOfTheLinks) {
  const World world = read({.of_all = Known::namespaces});
  const Namespaces& own = world.details_of(world.find(Pid(::getpid()))).namespaces;
  EXPECT_EQ(own.ipc.value(), inode_of("/proc/self/ns/ipc"));
  EXPECT_EQ(own.mnt.value(), inode_of("/proc/self/ns/mnt"));
  EXPECT_EQ(own.net.value(), inode_of("/proc/self/ns/net"));
  EXPECT_EQ(own.pid.value(), inode_of("/proc/self/ns/pid"));
  EXPECT_EQ(own.user.value(), inode_of("/proc/self/ns/user"));
  EXPECT_EQ(own.uts.value(), inode_of("/proc/self/ns/uts"));
}

TEST(MachineShallow, TheCommandLineAloneIsRead) {
  const World world = read({.of_all = Known::cmdline});
  const TaskIndex self = world.find(Pid(::getpid()));
  EXPECT_EQ(world[self].known, Known::stat | Known::cmdline);
  EXPECT_TRUE(world.details_of(self).cmdline.ends_with('\0'));
  EXPECT_TRUE(world.details_of(self).cmdline.contains("test_live"));
  EXPECT_EQ(world.details_of(self).exe, "");
}

/// A thread starts after its process, and not after now.
TEST(MachineShallow, ThreadsTellWhenTheyWereStarted) {
  std::jthread other([](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
  });
  const World world = read({.of_all = Known::thread_starts});
  const TaskIndex self = world.find(Pid(::getpid()));
  const auto& threads = world.details_of(self).thread_starts;
  ASSERT_FALSE(threads.empty());
  EXPECT_GE(threads.front().start, world.signal_of(self).start);
  EXPECT_LE(threads.front().start, world.now);
}

}  // namespace
}  // namespace knell::live
