/// The scenarios that ship: each says what Linux does, and so does a World.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "knell/script/parse.hpp"
#include "knell/script/print.hpp"
#include "knell/script/simulation.hpp"

namespace knell::script {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFewestScenarios = 40;
constexpr std::size_t kFewestExpectations = 3;
constexpr std::size_t kWidestLine = 100;
constexpr std::size_t kMostLines = 50;

std::vector<fs::path> scenarios() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(KNELL_SOURCE_DIR) / "scenarios"))
    if (entry.path().extension() == ".knell") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What does not hold, a line each, as a compiler would tell it.
std::string complaints(const Simulation& simulation, const std::string& file) {
  std::string all;
  for (const Taken& taken : simulation.steps)
    for (const Unmet& unmet : taken.result.unmet)
      all += file + ":" + std::to_string(unmet.at.line) + ": expected " + unmet.expected +
             ", found " + unmet.found + "\n";
  if (simulation.error) all += file + ": " + simulation.error->message() + "\n";
  return all;
}

class Scenario : public testing::TestWithParam<fs::path> {
protected:
  void SetUp() override {
    const Parsed parsed = parse_all(text_of(GetParam()), name_);
    for (const Error& error : parsed.errors) ADD_FAILURE() << error.message();
    script_ = parsed.script;
  }

  std::string name_ = GetParam().filename();
  Script script_;
};

TEST_P(Scenario, HoldsInAWorld) {
  const Simulation simulation = simulate(script_, {});
  EXPECT_EQ(complaints(simulation, name_), "");
  EXPECT_EQ(simulation.steps.size(), script_.steps.size());
  EXPECT_GE(simulation.expectations, kFewestExpectations);
}

TEST_P(Scenario, HasATitleAndTellsAStory) {
  ASSERT_GE(script_.story.size(), 3U) << "a title, an empty line, and what there is to learn";
  EXPECT_TRUE(script_.story[0].ends_with('.')) << script_.story[0];
  EXPECT_EQ(script_.story[1], "");
}

TEST_P(Scenario, FitsOnAPage) {
  std::istringstream lines(text_of(GetParam()));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_LE(line.size(), kWidestLine) << line;
  EXPECT_LE(count, kMostLines);
}

TEST_P(Scenario, IsPrintedAsItIsWritten) {
  const std::string printed = print(script_);
  const Parsed again = parse_all(printed, "printed");
  ASSERT_TRUE(again.errors.empty()) << again.errors.front().message() << "\n" << printed;
  EXPECT_EQ(again.script, script_) << printed;
}

std::string words_of(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem();
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Scenario, testing::ValuesIn(scenarios()), words_of);

TEST(Scenarios, AreMany) {
  EXPECT_GE(scenarios().size(), kFewestScenarios);
}

TEST(Scenarios, HaveEachATitleOfTheirOwn) {
  std::set<std::string> titles;
  for (const fs::path& file : scenarios()) {
    const Script script = parse_all(text_of(file), file.filename().string()).script;
    const std::string title = script.story.empty() ? "" : script.story.front();
    EXPECT_TRUE(titles.insert(title).second) << file.filename() << ": " << title;
  }
}

TEST(Scenarios, AreInTheList) {
  const std::string list = text_of(fs::path(KNELL_SOURCE_DIR) / "scenarios/README.md");
  for (const fs::path& file : scenarios()) {
    const std::string name = file.stem();
    EXPECT_TRUE(list.contains(fmt::format("[{0}]({0}.knell)", name))) << name;
  }
}

/// Held against a scenario that is wrong about Linux, and one that asks what cannot be.
TEST(Scenarios, AreToldWhereTheyAreWrong) {
  const auto told = [](const std::string& text) {
    return complaints(simulate(parse_all(text, "wrong").script, {}), "wrong");
  };
  EXPECT_EQ(told("init: fork -> job\ninit: kill job KILL = 0\nexpect job runs, parent init\n"),
            "wrong:3: expected job runs, found job zombie killed KILL\n");
  EXPECT_EQ(told("init: kill 4711 TERM = 0\n"),
            "wrong:1: expected kill 4711 TERM = 0, found kill returned ESRCH\n");
  EXPECT_EQ(told("init: fork -> job\njob: exit_group 1\njob: pause\n"),
            "wrong: line 3: job cannot make a call: it has ended (exited 1)\n");
}

}  // namespace
}  // namespace knell::script
