#include "knell/act/reading_pace.hpp"

#include <gtest/gtest.h>

namespace knell::act {
namespace {

using namespace std::chrono_literals;
using Clock = ReadingPace::Clock;

const Clock::time_point kStart{1h};

TEST(ReadingPace, ReadsSoonAfterTheSignals) {
  ReadingPace pace(0);
  pace.signals_sent(kStart, true);
  EXPECT_EQ(pace.next(), kStart + 5ms);
  pace.deaths();  // the first come at once, and change nothing
  EXPECT_EQ(pace.next(), kStart + 5ms);
}

TEST(ReadingPace, LeavesTheMachineToTheDyingWhereNobodyCanForkAnyMore) {
  ReadingPace pace(0);
  pace.signals_sent(kStart, false);
  pace.deaths();
  EXPECT_EQ(pace.next(), kStart + 200ms);
}

TEST(ReadingPace, ExpectsAReadingToTakeItsTimeWhereThereAreManyProcesses) {
  ReadingPace pace(10'000);  // some 100 ms
  pace.signals_sent(kStart, false);
  EXPECT_EQ(pace.next(), kStart + 900ms);
}

TEST(ReadingPace, RestsWhileNothingHappens) {
  ReadingPace pace(0);
  pace.reading(kStart, kStart + 1ms);
  EXPECT_EQ(pace.next(), kStart + 1ms + 200ms);
}

TEST(ReadingPace, ComesBackSoonerAfterDeaths) {
  ReadingPace pace(0);
  pace.reading(kStart, kStart + 1ms);
  pace.deaths();
  EXPECT_EQ(pace.next(), kStart + 1ms + 20ms);
}

TEST(ReadingPace, NeverReadsMoreThanATenthOfTheTime) {
  ReadingPace pace(0);
  pace.reading(kStart, kStart + 100ms);
  pace.deaths();
  EXPECT_EQ(pace.next(), kStart + 1s);
}

}  // namespace
}  // namespace knell::act
