#include "knell/live/accounts.hpp"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

#include "gtest/gtest.h"
#include "support/temporary_directory.hpp"

namespace knell::live {
namespace {

/// getpwent(3) and getgrent(3) go through every source the machine has.
TEST(Accounts, AreWhatTheCLibraryKnows) {
  int users = 0;
  ::setpwent();
  while (const passwd* const entry = ::getpwent()) {
    EXPECT_EQ(uid_of_user(entry->pw_name), Uid(entry->pw_uid)) << entry->pw_name;
    ++users;
  }
  ::endpwent();
  EXPECT_GT(users, 0);

  int groups = 0;
  ::setgrent();
  while (const group* const entry = ::getgrent()) {
    EXPECT_EQ(gid_of_group(entry->gr_name), Gid(entry->gr_gid)) << entry->gr_name;
    ++groups;
  }
  ::endgrent();
  EXPECT_GT(groups, 0);

  const passwd* const root = ::getpwuid(0);
  ASSERT_NE(root, nullptr);
  EXPECT_EQ(home_of_user(Uid(0)), root->pw_dir);
}

TEST(Accounts, ANumberIsNoName) {
  ASSERT_FALSE(uid_of_user("0"));
  EXPECT_EQ(uid_of_user("0").error().number, 0);
  EXPECT_FALSE(gid_of_group(""));
}

/// A getent that answers whatever it is asked, first in PATH.
class OtherSources : public ::testing::Test {
protected:
  void SetUp() override {
    const std::string program = folder_.path() / "getent";
    std::ofstream(program) << "#!/bin/sh\n"
                              "[ \"$1 $2 $3\" = '-- passwd knell-a' ] && echo "
                              "'knell-a:x:4242:4242:Somebody:/away:/bin/sh'\n"
                              "[ \"$1 $2 $3\" = '-- group knell-b' ] && echo 'knell-b:*:4343:'\n"
                              "[ \"$1 $2 $3\" = '-- passwd knell-c' ] && echo "
                              "'knell-d:x:4444:4444::/:/bin/sh'\n"
                              "exit 2\n";
    ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
    ASSERT_EQ(::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1), 0);
  }
  void TearDown() override { ::setenv("PATH", path_.c_str(), 1); }

private:
  const std::string path_ = ::getenv("PATH");
  const knell::test::TemporaryDirectory folder_;
};

TEST_F(OtherSources, AreAskedForNamesThatNoFileHas) {
  EXPECT_EQ(uid_of_user("knell-a"), Uid(4242));
  EXPECT_EQ(gid_of_group("knell-b"), Gid(4343));
  EXPECT_FALSE(gid_of_group("knell-a"));
}

TEST_F(OtherSources, AreNotBelievedAboutSomebodyElse) {
  EXPECT_FALSE(uid_of_user("knell-c"));
}

TEST(Accounts, DoWithoutGetent) {
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const auto known = uid_of_user("root");
  const auto unknown = uid_of_user("knell-a");
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(known, Uid(0));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().number, 0);
}

}  // namespace
}  // namespace knell::live
