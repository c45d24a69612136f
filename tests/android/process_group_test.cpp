#include "knell/android/process_group.hpp"

#include <cerrno>
#include <csignal>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "own_root.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"

namespace knell::android {
namespace {

using test::Child;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
namespace behaviour = test::behaviour;

/// Android's own functions, with the root and the log of a test.
class ProcessGroup : public testing::Test {
protected:
  void SetUp() override {
    if (!root_.made()) GTEST_SKIP() << "skipped: no cgroup v2 can be made here";
    Options options;
    options.log = to(logged_);
    setDefaults(root_.path(), options);
  }
  void TearDown() override { setDefaults("", {}); }

  static constexpr uid_t kNobody = 4'123'456;
  OwnRoot root_{live::Cgroup::Version::v2};
  Logged logged_;
};

TEST_F(ProcessGroup, IsMadeAndKilled) {
  Child child(behaviour::leading_a_group(behaviour::sleeping()));
  EXPECT_EQ(createProcessGroup(kNobody, child.pid()), 0);
  EXPECT_EQ(killProcessGroup(static_cast<int>(kNobody), child.pid()), 0);
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kKill));
  EXPECT_EQ(killProcessGroup(kNobody, child.pid(), SIGKILL), -1);
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(ProcessGroup, IsSignalled) {
  Child child(behaviour::leading_a_group(behaviour::exiting_on(SIGTERM, 3)));
  ASSERT_EQ(createProcessGroup(kNobody, child.pid()), 0);
  EXPECT_TRUE(sendSignalToProcessGroup(kNobody, child.pid(), SIGTERM));
  EXPECT_EQ(child.wait(), WaitStatus::exited(3));
  EXPECT_EQ(killProcessGroupOnce(kNobody, child.pid(), SIGKILL), 0);
  EXPECT_FALSE(sendSignalToProcessGroup(kNobody, child.pid(), 0));
}

TEST_F(ProcessGroup, AnswersAsAndroidDoes) {
  EXPECT_EQ(createProcessGroup(kNobody, 0), -1);
  EXPECT_EQ(createProcessGroup(kNobody, 0x7ffffffe), -ESRCH);
  EXPECT_EQ(createProcessGroup(kNobody, 4711, true), -EINVAL);
  EXPECT_EQ(killProcessGroup(kNobody, 0, SIGKILL), -1);
  EXPECT_EQ(killProcessGroup(kNobody, -1, SIGKILL), -1);
  EXPECT_EQ(killProcessGroup(-1, 4711), -1);
  removeAllEmptyProcessGroups();
  EXPECT_THAT(root_.cgroup().children().value(), IsEmpty());
}

TEST_F(ProcessGroup, NeedNotBeForOneProcess) {
  Child loud(behaviour::sleeping());
  killProcess(loud.pid());
  EXPECT_EQ(loud.wait(), WaitStatus::killed(signals::kKill));
  EXPECT_THAT(logged_, ElementsAre(Pair(Level::info, "Sending signal. PID: " +
                                                         std::to_string(loud.pid()) + " SIG: 9")));
  Child quiet(behaviour::sleeping());
  killProcessQuiet(quiet.pid());
  EXPECT_EQ(quiet.wait(), WaitStatus::killed(signals::kKill));
  EXPECT_EQ(logged_.size(), 1U);
}

TEST_F(ProcessGroup, OfNobodyIsNotSignalled) {
  sendSignal(0, 0);
  sendSignal(-1, 0);
  sendSignalQuiet(0, 0);
  EXPECT_THAT(logged_, IsEmpty());
}

TEST_F(ProcessGroup, IsSoughtWhereTheEnvironmentSays) {
  setDefaults("", {});
  ::setenv("KNELL_ANDROID_ROOT", root_.path().c_str(), 1);
  const Child child(behaviour::leading_a_group(behaviour::sleeping()));
  EXPECT_EQ(createProcessGroup(kNobody, child.pid()), 0);
  ::unsetenv("KNELL_ANDROID_ROOT");
  EXPECT_TRUE(root_.cgroup().child("uid_" + std::to_string(kNobody)).exists());
  EXPECT_EQ(killProcessGroup(kNobody, child.pid(), SIGKILL), 0);
}

}  // namespace
}  // namespace knell::android
