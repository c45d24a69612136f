#include "knell/live/cgroup.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/own_cgroup.hpp"

namespace knell::live {
namespace {

using test::Child;
using test::eventually;
using test::OwnCgroup;
using testing::ElementsAre;
using testing::IsEmpty;

/// A group of the test's own, with nobody in it at the end.
class CgroupTest : public testing::Test {
protected:
  void SetUp() override {
    const auto root = OwnCgroup::root("cgroup2", "");
    if (!root) GTEST_SKIP() << "skipped: no cgroup v2 is mounted here";
    const Cgroup group = Cgroup(*root).child("knell-test-cgroup-" + std::to_string(getpid()));
    if (const Result<void> made = group.make(); !made)
      GTEST_SKIP() << "skipped: " << made.error().message();
    group_ = group;
  }
  void TearDown() override {
    if (group_.path().empty()) return;
    EXPECT_TRUE(eventually([&] { return !group_.exists() || group_.remove(); }));
  }

  Cgroup group_{""};
};

TEST_F(CgroupTest, HoldsWhoIsPutIntoIt) {
  EXPECT_EQ(group_.populated(), false);
  EXPECT_THAT(group_.processes().value(), IsEmpty());
  const Child child(test::behaviour::sleeping());
  ASSERT_TRUE(group_.add(child.id().pid));
  EXPECT_EQ(group_.populated(), true);
  EXPECT_THAT(group_.processes().value(), ElementsAre(child.id().pid));
  EXPECT_EQ(group_.remove().error().number, EBUSY);
  const Machine machine = Machine::open().value();
  EXPECT_THAT(machine.cgroups_of(child.id().pid).value().v2, ElementsAre(group_));
}

TEST_F(CgroupTest, EndsAllInItAndBelow) {
  if (!group_.can_kill()) GTEST_SKIP() << "skipped: no cgroup.kill here (Linux 5.14)";
  const Cgroup inside = group_.child("inside");
  ASSERT_TRUE(inside.make());
  const Child child(test::behaviour::sleeping());
  ASSERT_TRUE(inside.add(child.id().pid));
  const Fd events = group_.events().value();
  ASSERT_TRUE(group_.kill());
  // An event may be older than the end: a person who polls looks again.
  EXPECT_TRUE(eventually([&] { return group_.populated() == false; }));
  pollfd ready{.fd = events.get(), .events = POLLPRI, .revents = 0};
  EXPECT_EQ(poll(&ready, 1, 0), 1);
  EXPECT_TRUE(inside.remove());
}

/// kernfs_generic_poll() of fs/kernfs/file.c compares with what was read last, on this descriptor.
TEST_F(CgroupTest, TellsOnTheEventsDescriptorWhatChangesAfterItWasRead) {
  const Fd events = group_.events().value();
  EXPECT_EQ(Cgroup::populated(events), false);
  pollfd waiting{.fd = events.get(), .events = POLLPRI, .revents = 0};
  EXPECT_EQ(poll(&waiting, 1, 0), 0);
  const Child child(test::behaviour::sleeping());
  ASSERT_TRUE(group_.add(child.id().pid));
  EXPECT_EQ(poll(&waiting, 1, 20'000), 1);
  EXPECT_EQ(Cgroup::populated(events), true);
}

TEST_F(CgroupTest, FreezesAndThaws) {
  if (!group_.can_freeze()) GTEST_SKIP() << "skipped: no cgroup.freeze here (Linux 5.2)";
  const Child child(test::behaviour::sleeping());
  ASSERT_TRUE(group_.add(child.id().pid));
  ASSERT_TRUE(group_.freeze());
  EXPECT_TRUE(eventually([&] { return group_.frozen() == true; }));
  ASSERT_TRUE(group_.thaw());
  EXPECT_TRUE(eventually([&] { return group_.frozen() == false; }));
}

TEST_F(CgroupTest, SaysWhyNot) {
  EXPECT_EQ(group_.make().error().number, EEXIST);
  EXPECT_EQ(group_.child("none").children().error().number, ENOENT);
  EXPECT_EQ(group_.child("none").processes().error().number, ENOENT);
  EXPECT_EQ(group_.child("none").remove().error().number, ENOENT);
  EXPECT_EQ(group_.add(Pid(0x7ffffffe)).error().number, ESRCH);
}

}  // namespace
}  // namespace knell::live
