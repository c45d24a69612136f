/// `knell android`: exit statuses, and what is said.

#include <sstream>

#include <nlohmann/json.hpp>

#include "../android/own_root.hpp"
#include "knell.hpp"

namespace knell::test {
namespace {

class AndroidCommand : public testing::Test {
protected:
  void SetUp() override {
    if (!root_.made()) GTEST_SKIP() << "skipped: no cgroup v2 can be made here";
  }
  Ran android(std::vector<std::string> words) {
    words.insert(words.begin(), "android");
    words.insert(words.end(), {"--root", root_.path()});
    return knell(words);
  }
  static Child app() { return Child(behaviour::leading_a_group(behaviour::sleeping())); }

  const std::string uid_ = std::to_string(android::kUid.value());
  android::OwnRoot root_{live::Cgroup::Version::v2};
};

TEST_F(AndroidCommand, MakesAGroupAndEndsIt) {
  Child child = app();
  const Ran made = android({"create", uid_, number(child)});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.out, number(child) + " is in " + root_.path() + "/uid_" + uid_ + "/pid_" +
                          number(child) + "\n");
  const Ran killed = android({"kill", uid_, number(child)});
  EXPECT_EQ(killed.status, 0) << killed.err;
  EXPECT_THAT(killed.out, HasSubstr("Ends uid " + uid_ + " pid " + number(child) +
                                    ": KILL to 1 process: " + number(child)));
  EXPECT_THAT(killed.out, HasSubstr("and the group is removed.\n"));
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kKill));
}

TEST_F(AndroidCommand, EndsItInTheWayAskedFor) {
  Child child = app();
  ASSERT_EQ(android({"create", uid_, number(child)}).status, 0);
  EXPECT_THAT(android({"kill", uid_, number(child), "--way", "tries"}).out,
              HasSubstr("and looks every"));
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kKill));
}

TEST_F(AndroidCommand, SaysWhoIsLeft) {
  const Child child(behaviour::leading_a_group(behaviour::ignoring(SIGTERM)));
  ASSERT_EQ(android({"create", uid_, number(child)}).status, 0);
  const Ran ran = android({"kill", uid_, number(child), "--signal", "TERM", "--once"});
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.err, HasSubstr("1 process left: " + number(child)));
}

/// Android would signal the process group; a person may have mistyped its number.
TEST_F(AndroidCommand, SignalsNobodyWhereThereIsNoGroup) {
  const Child child = app();
  const Ran ran = android({"kill", uid_, number(child)});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(child.lives());
  EXPECT_THAT(ran.err, HasSubstr("No such file or directory"));
}

/// The process is gone and its number another's: that one is not in the group.
TEST_F(AndroidCommand, SparesWhoHasTheNumberButIsNotInTheGroup) {
  const Child child = app();
  const live::Cgroup uid = root_.cgroup().child("uid_" + uid_);
  ASSERT_TRUE(uid.make());
  ASSERT_TRUE(uid.child("pid_" + number(child)).make());
  EXPECT_EQ(android({"kill", uid_, number(child)}).status, 4);
  EXPECT_TRUE(child.lives());
}

TEST_F(AndroidCommand, SparesItself) {
  const std::string self = std::to_string(getpid());
  const live::Cgroup uid = root_.cgroup().child("uid_" + uid_);
  ASSERT_TRUE(uid.make());
  const live::Cgroup group = uid.child("pid_" + self);
  ASSERT_TRUE(group.make());
  const Ran ran = knell({"android", "kill", uid_, self, "--root", root_.path()},
                        {.before = [&] { static_cast<void>(group.add(Pid(getpid()))); }});
  EXPECT_EQ(ran.status, 4) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr("is knell itself or an ancestor of it"));
}

TEST_F(AndroidCommand, ListsWhatThereIs) {
  EXPECT_EQ(android({"list"}).status, 1);
  const Child child = app();
  ASSERT_EQ(android({"create", uid_, number(child)}).status, 0);
  const Ran text = android({"list"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("uid " + uid_ + " pid " + number(child) + ": 1 process: "));
  const auto document = nlohmann::json::parse(android({"list", "--json"}).out);
  EXPECT_EQ(document["schema"], "knell-android/1");
  EXPECT_EQ(document["groups"][0]["uid"], android::kUid.value());
  EXPECT_EQ(document["groups"][0]["processes"][0]["pid"], child.pid());
}

TEST_F(AndroidCommand, EndsWith2IfItWasNotUnderstood) {
  EXPECT_EQ(android({"kill", uid_, "1"}).status, 2);
  EXPECT_EQ(android({"kill", "-1", "4711"}).status, 2);
  EXPECT_EQ(android({"kill", uid_, "4711", "--signal", "NONSENSE"}).status, 2);
  EXPECT_EQ(android({}).status, 2);
  EXPECT_EQ(knell({"android", "list", "--root", "/proc"}).status, 2);
}

TEST_F(AndroidCommand, SaysWhatIsNotThere) {
  EXPECT_EQ(android({"create", uid_, "1073741823"}).status, 1);
}

TEST(AndroidHelp, FitsATerminal) {
  for (const char* const action : {"create", "kill", "list"}) {
    const Ran ran = knell({"android", action, "--help"});
    EXPECT_EQ(ran.status, 0);
    EXPECT_THAT(ran.out, HasSubstr(std::string("knell android ") + action));
    std::istringstream lines(ran.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

}  // namespace
}  // namespace knell::test
