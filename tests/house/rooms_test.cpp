/// The house stands as docs/architecture.md draws it: a room includes only rooms below it.

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"world", {}},
    {"kernel", {"world"}},
    {"live", {"world"}},
    {"select", {"world"}},
    {"android", {"world", "live"}},
    {"plan", {"world", "kernel", "live", "select"}},
    {"act", {"world", "kernel", "live", "select", "plan"}},
    {"supervise", {"world", "live"}},
    {"script", {"world", "kernel"}},
    {"conform", {"world", "kernel", "live", "script"}},
    {"report",
     {"world", "kernel", "live", "android", "select", "plan", "act", "script", "conform"}},
    {"compat", {"world", "live", "select", "plan", "act", "supervise", "report"}},
    {"cli",
     {"world", "kernel", "live", "android", "select", "plan", "act", "supervise", "script",
      "conform", "report", "compat"}},
};

std::set<std::string> rooms_included_by(const fs::path& file) {
  static const std::regex include(R"re(^\s*#include "knell/([a-z_]+)/)re");
  std::set<std::string> rooms;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_search(line, match, include)) rooms.insert(match[1]);
  }
  return rooms;
}

TEST(House, EveryRoomLeansOnlyOnRoomsBelow) {
  const fs::path source = fs::path(KNELL_SOURCE_DIR) / "src/knell";
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
    ++files;
    const std::string room = *fs::relative(entry.path(), source).begin();
    ASSERT_TRUE(kMayInclude.contains(room)) << entry.path() << " is in no known room";
    for (const std::string& other : rooms_included_by(entry.path()))
      EXPECT_TRUE(other == room || kMayInclude.at(room).contains(other))
          << entry.path() << " includes " << other;
  }
  EXPECT_GT(files, 50U);
}

TEST(House, EveryRoomHasItsTests) {
  for (const auto& [room, below] : kMayInclude) {
    const fs::path tests = fs::path(KNELL_SOURCE_DIR) / "tests" / room;
    ASSERT_TRUE(fs::is_directory(tests)) << room;
    EXPECT_FALSE(fs::is_empty(tests)) << room;
  }
}

TEST(House, NobodyThrowsBelowTheCommandLine) {
  static const std::regex exceptions(R"(\bthrow\b)");
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(KNELL_SOURCE_DIR) / "src/knell")) {
    if (!entry.is_regular_file() || entry.path().parent_path().filename() == "cli") continue;
    std::ifstream lines(entry.path());
    for (std::string line; std::getline(lines, line);) {
      if (line.find("//") != std::string::npos) line.resize(line.find("//"));
      EXPECT_FALSE(std::regex_search(line, exceptions)) << entry.path() << ": " << line;
    }
  }
}

}  // namespace
