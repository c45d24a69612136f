/// `knell demo --zoo`, as a user runs it.

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "knell.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {
namespace {

namespace fs = std::filesystem;

void expect_lines_for_people(const Ran& ran) {
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(DemoZoo, ShowsWhatIsNamedAndSumsUp) {
  const Ran ran = knell({"demo", "--zoo", "daemons", "zombies", "fork-bomb"});
  if (ran.status == 1) GTEST_SKIP() << "skipped: not possible here: " << ran.out;
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  for (const char* part : {"daemons: starts 3 daemons", "0 of 21 live", "Gone: 21 of 21",
                           "zombies: a parent of 20 zombies", "fork-bomb: 64 processes",
                           "3 shown: all as they must be, and no innocent was hit."})
    EXPECT_THAT(ran.out, HasSubstr(part));
  EXPECT_THAT(ran.out, Not(HasSubstr("Left out"))) << "what was left out was not asked for";
  expect_lines_for_people(ran);
}

TEST(DemoZoo, WorksForAPlainUser) {
  if (!is_root()) GTEST_SKIP() << "skipped: this user is a plain one already";
  const Ran ran = knell({"demo", "--zoo", "plain", "daemons", "pid-namespaces", "changing-user"},
                        {.before = become_stranger});
  if (ran.status == 1) GTEST_SKIP() << "skipped: not permitted here: " << ran.out;
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("3 shown: all as they must be"));
  EXPECT_THAT(ran.out, HasSubstr("Not possible here: changing-user\n"));
  expect_lines_for_people(ran);
}

TEST(DemoZoo, WhatItDoesNotKnowIsAMistake) {
  const Ran unknown = knell({"demo", "--zoo", "unicorn"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("no animal is called unicorn"));
  EXPECT_EQ(knell({"demo", "plain"}).status, 2) << "an animal, but no zoo";
}

TEST(DemoZoo, SaysInALineWhereTheZooComesFrom) {
  const TemporaryDirectory directory;
  const fs::path alone = directory.path() / "knell";
  fs::copy_file(KNELL_BINARY, alone);
  const Ran ran = run_program(alone, {"demo", "--zoo"});
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, testing::StartsWith("knell: cannot run " +
                                           (directory.path() / "knell-zoo").string()));
  EXPECT_THAT(ran.err, HasSubstr("./knell demo --zoo"));
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1) << ran.err;
}

}  // namespace
}  // namespace knell::test
