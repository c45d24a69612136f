#include "knell/android/groups.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "own_root.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"

namespace knell::android {
namespace {

using live::Cgroup;
using test::Child;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;
namespace behaviour = test::behaviour;

/// A machine and a way: cgroup.kill, events without it (Linux before 5.14), tries, v1.
struct Case {
  const char* name;
  Cgroup::Version version;
  Way way;
  bool cgroup_kill;
};

class Groups : public testing::TestWithParam<Case> {
protected:
  void SetUp() override {
    if (!root_.made()) GTEST_SKIP() << "skipped: no cgroup of this version can be made here";
    options_.way = GetParam().way;
    options_.cgroup_kill = GetParam().cgroup_kill;
    options_.log = to(logged_);
  }
  [[nodiscard]] ProcessGroups groups() const {
    return ProcessGroups::open(root_.path(), options_).value();
  }
  /// A process that leads a process group, as an app's does, in a group of its own.
  [[nodiscard]] Child app(test::Behaviour then = behaviour::sleeping()) const {
    Child child(behaviour::leading_a_group(std::move(then)));
    EXPECT_TRUE(groups().create(kUid, child.id().pid));
    return child;
  }

  OwnRoot root_{GetParam().version};
  Options options_;
  Logged logged_;
};

TEST_P(Groups, LieWhereAndroidPutsThem) {
  const Child child = app();
  const Cgroup group = root_.cgroup()
                           .child("uid_" + std::to_string(kUid.value()))
                           .child("pid_" + std::to_string(child.pid()));
  EXPECT_THAT(group.processes().value(), ElementsAre(child.id().pid));
  EXPECT_THAT(groups().list().value(),
              ElementsAre(AllOf(Field(&Group::uid, kUid), Field(&Group::pid, child.id().pid),
                                Field(&Group::cgroup, group))));
}

TEST_P(Groups, EndWithAllThatWasForked) {
  Child parent(behaviour::leading_a_group([](const test::Handshake& test) {
    test.ready();
    static_cast<void>(raise(SIGSTOP));  // until it is in its group
    behaviour::having_children(5)(test);
  }));
  ASSERT_TRUE(test::eventually([&] { return test::state_letter(parent.pid()) == 'T'; }));
  ASSERT_TRUE(groups().create(kUid, parent.id().pid));
  ::kill(parent.pid(), SIGCONT);
  std::vector<ProcessId> children;
  while (children.size() < 5) children.push_back(parent.next_process().value());
  EXPECT_TRUE(groups().kill(kUid, parent.id().pid, signals::kKill));
  EXPECT_FALSE(groups().group(kUid, parent.id().pid).exists());
  EXPECT_EQ(parent.wait(), WaitStatus::killed(signals::kKill));
  for (const ProcessId& child : children)
    EXPECT_TRUE(test::eventually([&] { return test::identity(child.pid.value()) != child; }));
}

/// It has left the process group and the session; out of the control group it cannot get.
TEST_P(Groups, EndWithWhoLeftTheProcessGroup) {
  const test::Subreaper subreaper;
  Child first = app();
  const Child second(behaviour::straying(behaviour::sleeping()));
  test::Guard stray(second.first_process());
  ASSERT_TRUE(groups().group(kUid, first.id().pid).add(stray.id().pid));
  EXPECT_TRUE(groups().kill(kUid, first.id().pid, signals::kKill));
  EXPECT_EQ(stray.wait(), WaitStatus::killed(signals::kKill));
}

TEST_P(Groups, EndWithWhoIsStopped) {
  Child child = app();
  ::kill(child.pid(), SIGSTOP);
  ASSERT_TRUE(test::eventually([&] { return test::state_letter(child.pid()) == 'T'; }));
  EXPECT_TRUE(groups().kill(kUid, child.id().pid, signals::kKill));
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kKill));
}

TEST_P(Groups, LeaveOthersAlone) {
  Child one = app();
  const Child other = app();
  EXPECT_TRUE(groups().kill(kUid, one.id().pid, signals::kKill));
  one.wait();
  EXPECT_TRUE(other.lives());
  EXPECT_TRUE(groups().group(kUid, other.id().pid).exists());
}

TEST_P(Groups, AreEndedByOtherSignalsToo) {
  Child child = app(behaviour::exiting_on(SIGTERM, 7));
  EXPECT_TRUE(groups().kill(kUid, child.id().pid, signals::kTerm));
  EXPECT_EQ(child.wait(), WaitStatus::exited(7));
}

TEST_P(Groups, AreGivenUpAfterTheirTime) {
  options_.patience = {.deadline = std::chrono::milliseconds(50),
                       .tries = 3,
                       .removals = 3,
                       .pause = std::chrono::milliseconds(5)};
  const Child child = app(behaviour::ignoring(SIGTERM));
  EXPECT_EQ(groups().kill(kUid, child.id().pid, signals::kTerm).error().number, EBUSY);
  EXPECT_TRUE(child.lives());
  EXPECT_TRUE(groups().group(kUid, child.id().pid).exists());
  const std::string path = groups().group(kUid, child.id().pid).path();
  if (groups().way() == Way::events)
    EXPECT_THAT(logged_,
                Contains(Pair(Level::warning,
                              StartsWith("Still waiting on process(es) to exit for cgroup " + path +
                                         " after "))));
  else
    EXPECT_THAT(logged_,
                Contains(Pair(Level::error, AllOf(StartsWith("Failed to kill process cgroup"),
                                                  HasSubstr(", 1 processes remain")))));
}

TEST_P(Groups, AreSignalledOnceAndNotWaitedFor) {
  const Child child = app(behaviour::ignoring(SIGTERM));
  EXPECT_EQ(groups().kill(kUid, child.id().pid, signals::kTerm, true).error().number, EBUSY);
  EXPECT_TRUE(child.lives());
  ASSERT_TRUE(groups().send(kUid, child.id().pid, signals::kKill));
  ASSERT_TRUE(test::eventually([&] { return !child.lives(); }));
  EXPECT_TRUE(groups().kill(kUid, child.id().pid, signals::kKill, true));
}

/// The process group is signalled though there is no control group.
TEST_P(Groups, SignalTheProcessGroupInAnyCase) {
  Child child(behaviour::leading_a_group(behaviour::sleeping()));
  EXPECT_EQ(groups().kill(kUid, child.id().pid, signals::kKill).error().number, ENOENT);
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kKill));
}

/// kill(-1) is everybody, kill(0) the caller's own process group.
TEST_P(Groups, OfNoProcessAreRefused) {
  for (const int pid : {1, 0, -1, -4711}) {
    EXPECT_EQ(groups().kill(kUid, Pid(pid), Signal(0)).error().number, EINVAL) << pid;
    EXPECT_EQ(groups().send(kUid, Pid(pid), Signal(0)).error().number, EINVAL) << pid;
  }
  EXPECT_EQ(groups().create(kUid, Pid(0)).error().number, EINVAL);
}

TEST_P(Groups, OfThoseThatAreGoneAreNotMade) {
  EXPECT_EQ(groups().create(kUid, Pid(0x7ffffffe)).error().number, ESRCH);
  EXPECT_THAT(logged_, Contains(Pair(Level::error, HasSubstr("No such process"))));
}

/// Isolated uids hardly come back; others keep their directory (RemoveCgroup of libprocessgroup).
TEST_P(Groups, OfIsolatedUidsLeaveNothing) {
  for (const auto& [uid, stays] : {std::pair{89999U, true}, {90000U, false}, {99999U, false}}) {
    const Child child(behaviour::leading_a_group(behaviour::sleeping()));
    ASSERT_TRUE(groups().create(Uid(uid), child.id().pid));
    EXPECT_TRUE(groups().kill(Uid(uid), child.id().pid, signals::kKill));
    EXPECT_EQ(root_.cgroup().child("uid_" + std::to_string(uid)).exists(), stays) << uid;
  }
}

TEST_P(Groups, StandApartWhereTheSystemIsIsolatedFromApps) {
  ASSERT_TRUE(root_.cgroup().child("system").make());
  ASSERT_TRUE(root_.cgroup().child("apps").make());
  EXPECT_EQ(groups().group(Uid(9999), Pid(7)).path(), root_.path() + "/system/uid_9999/pid_7");
  EXPECT_EQ(groups().group(Uid(10000), Pid(7)).path(), root_.path() + "/apps/uid_10000/pid_7");
  const Child child = app();
  EXPECT_EQ(groups().list().value().size(), 1U);
  EXPECT_TRUE(groups().kill(kUid, child.id().pid, signals::kKill));
  options_.isolation = false;
  EXPECT_EQ(groups().group(Uid(9999), Pid(7)).path(), root_.path() + "/uid_9999/pid_7");
}

TEST_P(Groups, AreRemovedWhereNobodyIsInThem) {
  const Child one = app();
  const Cgroup uid = root_.cgroup().child("uid_" + std::to_string(kUid.value()));
  ASSERT_TRUE(uid.child("pid_7").make());
  ASSERT_TRUE(root_.cgroup().child("uid_7").make());
  ASSERT_TRUE(root_.cgroup().child("other").make());
  groups().remove_all_empty();
  EXPECT_FALSE(uid.child("pid_7").exists());
  EXPECT_FALSE(root_.cgroup().child("uid_7").exists());
  EXPECT_TRUE(root_.cgroup().child("other").exists());
  EXPECT_TRUE(groups().group(kUid, one.id().pid).exists());
}

TEST_P(Groups, HaveModeAndOwnerOfTheRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "skipped: only root may give files away";
  constexpr uid_t kOwner = 54321;
  ASSERT_EQ(::chown(root_.path().c_str(), kOwner, kOwner), 0);
  ASSERT_EQ(::chmod(root_.path().c_str(), 0751), 0);
  const Child child = app();
  const Cgroup group = groups().group(kUid, child.id().pid);
  struct stat found{};
  for (const std::string& path :
       {group.path(), root_.path() + "/uid_" + std::to_string(kUid.value())}) {
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0751U) << path;
    EXPECT_EQ(found.st_uid, kOwner) << path;
    EXPECT_EQ(found.st_gid, kOwner) << path;
  }
  ASSERT_EQ(::stat((group.path() + "/cgroup.procs").c_str(), &found), 0);
  EXPECT_EQ(found.st_uid, kOwner);
}

INSTANTIATE_TEST_SUITE_P(
    EveryWay, Groups,
    testing::Values(Case{"CgroupKill", Cgroup::Version::v2, Way::automatic, true},
                    Case{"Events", Cgroup::Version::v2, Way::events, false},
                    Case{"Tries", Cgroup::Version::v2, Way::tries, true},
                    Case{"TriesOnV1", Cgroup::Version::v1, Way::automatic, true}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(GroupsRoot, MustBeAControlGroup) {
  EXPECT_EQ(ProcessGroups::open("/proc").error().number, EINVAL);
  EXPECT_EQ(ProcessGroups::open("/no/such/place").error().number, ENOENT);
}

TEST(GroupsRoot, OfV1HasNoEvents) {
  const OwnRoot root(Cgroup::Version::v1);
  if (!root.made()) GTEST_SKIP() << "skipped: no cgroup v1 here";
  EXPECT_EQ(ProcessGroups::open(root.path(), {.way = Way::events}).error().number, EINVAL);
  EXPECT_EQ(ProcessGroups::open(root.path()).value().way(), Way::tries);
}

TEST(GroupsRoot, IsFoundAmongTheMounts) {
  const auto v2 = test::OwnCgroup::root("cgroup2", "");
  if (!v2) GTEST_SKIP() << "skipped: no cgroup v2 is mounted here";
  EXPECT_EQ(ProcessGroups::find_root(), *v2);
}

}  // namespace
}  // namespace knell::android
