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

TEST(MachineFitting, OnlyThoseWithTheNameAndTheCallersAncestorsAreThere) {
  const Child wanted = called("fitting) R 1");
  const Child other = called("other");
  const auto machine = Machine::open();
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

std::uint64_t inode_of(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 ? about.st_ino : 0;
}

/// The inode of a namespace's file is its number: namespaces(7).
TEST(MachineFitting, NamespacesAreThoseOfTheLinks) {
  const World world = read({.of_all = Known::namespaces});
  const Namespaces& own = world.details_of(world.find(Pid(::getpid()))).namespaces;
  EXPECT_EQ(own.ipc.value(), inode_of("/proc/self/ns/ipc"));
  EXPECT_EQ(own.mnt.value(), inode_of("/proc/self/ns/mnt"));
  EXPECT_EQ(own.net.value(), inode_of("/proc/self/ns/net"));
  EXPECT_EQ(own.pid.value(), inode_of("/proc/self/ns/pid"));
  EXPECT_EQ(own.user.value(), inode_of("/proc/self/ns/user"));
  EXPECT_EQ(own.uts.value(), inode_of("/proc/self/ns/uts"));
}

TEST(MachineFitting, TheCommandLineAloneIsRead) {
  const World world = read({.of_all = Known::cmdline});
  const TaskIndex self = world.find(Pid(::getpid()));
  EXPECT_EQ(world[self].known, Known::stat | Known::cmdline);
  EXPECT_TRUE(world.details_of(self).cmdline.ends_with('\0'));
  EXPECT_TRUE(world.details_of(self).cmdline.contains("test_live"));
  EXPECT_EQ(world.details_of(self).exe, "");
}

/// A thread starts after its process, and not after now.
TEST(MachineFitting, ThreadsTellWhenTheyWereStarted) {
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
