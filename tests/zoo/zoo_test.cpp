/// What knell achieves on each animal of the zoo, as root and as a plain user. What must be is what
/// the animal's description says; who is left is counted by the zoo, not by knell.

#include <unistd.h>

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "zoo/animal.hpp"
#include "zoo/table_of.hpp"

namespace knell::zoo {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Enough to see whether it is right; the table has the full numbers.
std::string count_for_tests(const Animal& animal) {
  if (animal.name == "deep" || animal.name == "wide") return "500";
  if (animal.name == "starved" || animal.name == "dumping-core") return "256";
  return "0";
}

struct Case {
  std::string animal;
  std::string as;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Animal& animal : animals()) {
    if (animal.part_of_another) continue;
    all.push_back({animal.name, "root"});
    if (animal.who == Who::anybody) all.push_back({animal.name, "user"});
  }
  return all;
}

std::string name(const testing::TestParamInfo<Case>& info) {
  std::string text = info.param.animal + "_as_" + info.param.as;
  for (char& letter : text)
    if (letter == '-') letter = '_';
  return text;
}

/// The one row of the table.
json row(const Case& wanted, const std::string& killer, const std::string& settle = "30") {
  const auto rows =
      table_of({"--animals", wanted.animal, "--as", wanted.as, "--killers", killer, "--settle",
                settle, "--count", count_for_tests(*find_animal(wanted.animal))});
  EXPECT_EQ(rows.size(), 1U);
  return rows.size() == 1 ? rows.front() : json();
}

class Zoo : public testing::TestWithParam<Case> {};

TEST_P(Zoo, IsEndedByKnellAndNobodyElseIsHit) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to build enclosures and to be other users";
  const Animal& animal = *find_animal(GetParam().animal);
  const json came = row(GetParam(), "knell", animal.kernel_holds_it ? "1" : "30");
  ASSERT_TRUE(came.is_object());
  const std::string why = came["skipped"];
  if (!why.empty()) GTEST_SKIP() << why;
  const std::string said = came["said"];
  EXPECT_EQ(came["hit"], 0) << said;
  EXPECT_EQ(came["after_opening"], 0) << said;
  if (animal.kernel_holds_it) {
    EXPECT_EQ(came["survivors"], 1) << said;  // who writes; another may be on its way out
    EXPECT_EQ(came["status"], 3) << said;
    EXPECT_THAT(said, HasSubstr("uninterruptible sleep (D)"));
    return;
  }
  EXPECT_EQ(came["survivors"], 0) << said;
  EXPECT_EQ(came["status"], 0) << said;
  EXPECT_EQ(came["zombies"], animal.enclosure == Enclosure::deaf_init ? 1 : 0) << said;
  if (animal.enclosure == Enclosure::deaf_init) {
    EXPECT_THAT(said, HasSubstr("zombie already"));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Zoo, testing::ValuesIn(cases()), name);

TEST(ZooItself, SeesInnocentsThatAreHit) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to build enclosures";
  const json came = row({"plain", "root"}, "pkill");
  if (came["status"] == 70) GTEST_SKIP() << "there is no pkill";
  EXPECT_EQ(came["survivors"], 0);
  EXPECT_EQ(came["hit"], 4) << "those that have the animal's name";
}

TEST(ZooItself, SeesSurvivors) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to build enclosures";
  const json came = row({"daemons", "root"}, "kill", "1");
  EXPECT_EQ(came["processes"], 4);
  EXPECT_EQ(came["survivors"], 3);
  EXPECT_EQ(came["hit"], 0);
}

}  // namespace
}  // namespace knell::zoo
