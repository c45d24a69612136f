#include "knell/report/numbers.hpp"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

#include "knell/report/text.hpp"

namespace knell::report {
namespace {

using namespace std::chrono_literals;

TEST(Counts, HaveCommas) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(9'990), "9,990");
  EXPECT_EQ(count_text(12'345'678), "12,345,678");
  EXPECT_EQ(count_text(1, "process", "processes"), "1 process");
  EXPECT_EQ(count_text(0, "process", "processes"), "0 processes");
}

TEST(Bytes, HaveThreeDigitsAtMostAndAUnit) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1024), "1 KiB");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(812 * 1024), "812 KiB");
  EXPECT_EQ(bytes_text(12'897'485), "12.3 MiB");
  EXPECT_EQ(bytes_text(std::uint64_t{1} << 40U), "1 TiB");
}

TEST(Bytes, RoundIntoTheNextUnit) {
  EXPECT_EQ(bytes_text((1024 * 1024) - 1), "1 MiB");
  EXPECT_EQ(bytes_text(812 * 1024 + 460), "812 KiB");  // 812.449: rounded once, not twice
  EXPECT_EQ(bytes_text(UINT64_MAX), "16 EiB");
}

TEST(Durations, AreAsExactAsAPersonNeeds) {
  EXPECT_EQ(duration_text(0us), "0 ms");
  EXPECT_EQ(duration_text(20us), "0.1 ms");
  EXPECT_EQ(duration_text(300us), "0.3 ms");
  EXPECT_EQ(duration_text(80ms), "80 ms");
  EXPECT_EQ(duration_text(1500ms), "1.5 s");
  EXPECT_EQ(duration_text(10s), "10 s");
  EXPECT_EQ(duration_text(2min), "2 min");
  EXPECT_EQ(duration_text(125s), "2 min 5 s");
  EXPECT_EQ(duration_text(2h), "2 h");
  EXPECT_EQ(duration_text(27h), "1 d 3 h");
}

TEST(Durations, RoundIntoTheNextUnit) {
  EXPECT_EQ(duration_text(999us), "1 ms");
  EXPECT_EQ(duration_text(999'600us), "1 s");
  EXPECT_EQ(duration_text(59'960ms), "1 min");
}

TEST(Durations, BelowZeroAreNone) {
  EXPECT_EQ(duration_text(-5s), "0 ms");
}

}  // namespace
}  // namespace knell::report
