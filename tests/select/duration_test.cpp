#include "knell/select/duration.hpp"

#include <rapidcheck.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "knell/select/selection.hpp"

namespace knell::select {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsANumberWithAUnitOrSeconds) {
  EXPECT_EQ(parse_duration("90"), 90s);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("3d"), 72h);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("0"), 0s);
  EXPECT_EQ(parse_duration("007s"), 7s);
}

TEST(Duration, CanHaveADecimalPoint) {
  EXPECT_EQ(parse_duration("1.5"), 1500ms);
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration(".5s"), 500ms);
  EXPECT_EQ(parse_duration("2.s"), 2s);
  EXPECT_EQ(parse_duration("0.1d"), 144min);
  EXPECT_EQ(parse_duration("1.0009s"), 1000ms);
}

TEST(Duration, IsRefusedWhereItIsNone) {
  for (const std::string_view word :
       {"", "s", ".", ".s", "1.2.3", "-1", "+1", "1e3", "0x10", "10min", "1 s", " 1", "1s ", "inf",
        "nan", "1h30m", "1S", "1,5"}) {
    const auto duration = parse_duration(word);
    ASSERT_FALSE(duration) << word;
    EXPECT_EQ(duration.error().number, EINVAL);
    EXPECT_FALSE(duration.error().hint.empty());
  }
}

TEST(Duration, ReachesAHundredYearsAndNoFurther) {
  EXPECT_EQ(parse_duration("36500d"), std::chrono::hours(36500 * 24));
  for (const std::string_view word :
       {"36501d", "99999999999h", "18446744073709551617", "99999999999999999999999999999999ms"})
    EXPECT_FALSE(parse_duration(word)) << word;
}

TEST(Duration, IsWrittenInItsLargestWholeUnit) {
  EXPECT_EQ(duration_word(10min), "10m");
  EXPECT_EQ(duration_word(90s), "90s");
  EXPECT_EQ(duration_word(1500ms), "1500ms");
  EXPECT_EQ(duration_word(48h), "2d");
  EXPECT_EQ(duration_word(0ms), "0s");
}

TEST(Duration, WrittenAndReadAgainIsTheSame) {
  const auto holds = rc::check("milliseconds", [] {
    const std::chrono::milliseconds duration(*rc::gen::inRange<std::int64_t>(0, 3'153'600'000'000));
    RC_ASSERT(parse_duration(duration_word(duration)).value() == duration);
  });
  EXPECT_TRUE(holds);
}

TEST(Duration, AnyBytesAreReadOrRefused) {
  const auto holds = rc::check("bytes", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::element('0', '1', '9', '.', 's', 'm', 'h', 'd', '-', ' ', '\0', '\xff'));
    const auto duration = parse_duration(text);
    if (duration) RC_ASSERT(*duration >= 0ms);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace knell::select
