/// Animals that are started by `knell run`, in each enclosure, as root and as a plain user. When
/// their time is up nothing of them may be left in the pid namespace that they live in, which the
/// zoo lists with code of its own; and of the innocents in there nobody may be hit.

#include <unistd.h>

#include <cstdio>
#include <future>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "zoo/animal.hpp"
#include "zoo/table_of.hpp"

namespace knell::zoo {
namespace {

using nlohmann::json;

/// Why it cannot be asked of `knell run`; empty: it can.
std::string why_not(const Animal& animal) {
  if (animal.kernel_holds_it) return "no signal ends it, whoever sends it";
  if (animal.enclosure == Enclosure::deaf_init) return "a subreaper waits for the zombie";
  if (animal.sign == Sign::dumping) return "its enclosure is there to make it slow";
  return "";
}

/// Enough of them to see that none is forgotten.
std::string count_for(const Animal& animal) {
  if (animal.name == "deep" || animal.name == "wide") return "200";
  return animal.name == "starved" ? "16" : "0";
}

/// How long an animal has to stand depends on the machine: who did not is given ever more time.
json ended_by_run(const Animal& animal, const std::string& enclosure, const std::string& user) {
  json row;
  for (const char* limit : {"0.3", "1.5", "8", "40"}) {
    const auto rows = table_of({"--animals", animal.name, "--as", user, "--killers", "knell-run",
                                "--enclosure", enclosure, "--limit", limit, "--grace", "0.1",
                                "--settle", "1", "--count", count_for(animal)});
    if (rows.size() != 1) return {};
    row = rows.front();
    if (!row["skipped"].get<std::string>().contains("stand") &&
        !row["skipped"].get<std::string>().contains("stood"))
      break;
  }
  return row;
}

using Rows = std::map<std::string, json>;

Rows all_ended_by_run(const std::string& enclosure, const std::string& user) {
  Rows rows;
  for (const Animal& animal : animals()) {
    if (animal.part_of_another || !why_not(animal).empty()) continue;
    if (animal.who == Who::only_root && user != "root") continue;
    rows[animal.name] = ended_by_run(animal, enclosure, user);
  }
  return rows;
}

class ZooUnderRun : public testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "skipped: needs root to be other users";
    const test::Ran ran =
        test::run_program(KNELL_BINARY, {"run", "--enclosure", GetParam(), "true"});
    if (ran.status == 125) GTEST_SKIP() << "skipped: not permitted here: " << ran.err;
  }
};

TEST_P(ZooUnderRun, NothingEscapesAndNobodyElseIsHit) {
  std::map<std::string, std::future<Rows>> all;
  for (const char* user : {"root", "user"})
    all[user] = std::async(std::launch::async, all_ended_by_run, GetParam(), user);
  int ended = 0;
  for (auto& [user, rows] : all)
    for (const auto& [name, row] : rows.get()) {
      SCOPED_TRACE(name + " as " + user);
      ASSERT_TRUE(row.is_object());
      const std::string why = row["skipped"];
      const std::string said = row["said"];
      if (!why.empty()) {
        std::printf("%s as %s: skipped: %s\n", name.c_str(), user.c_str(), why.c_str());
        EXPECT_THAT(why, testing::Not(testing::HasSubstr("stand"))) << said;
        continue;
      }
      ++ended;
      EXPECT_EQ(row["survivors"], 0) << said;
      EXPECT_EQ(row["zombies"], 0) << said;
      EXPECT_EQ(row["hit"], 0) << said;
    }
  EXPECT_GT(ended, 30);
}

INSTANTIATE_TEST_SUITE_P(Each, ZooUnderRun, testing::Values("cgroup", "namespace", "subreaper"),
                         [](const auto& each) { return std::string(each.param); });

TEST(ZooItself, SeesWhatEscapesTimeout) {
  if (::geteuid() != 0) GTEST_SKIP() << "skipped: needs root to build enclosures";
  const auto rows = table_of({"--animals", "daemons", "--as", "root", "--killers", "timeout",
                              "--limit", "2", "--settle", "1"});
  ASSERT_EQ(rows.size(), 1U);
  if (rows[0]["skipped"] != "") GTEST_SKIP() << "skipped: " << rows[0]["skipped"];
  EXPECT_EQ(rows[0]["survivors"], 3);
}

}  // namespace
}  // namespace knell::zoo
