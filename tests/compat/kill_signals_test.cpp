#include "knell/compat/kill_signals.hpp"

#include <gtest/gtest.h>

namespace knell::compat {
namespace {

constexpr Style kEvery[] = {Style::knell, Style::coreutils, Style::util_linux, Style::procps,
                            Style::toybox};

int number(std::optional<Signal> signal) {
  return signal ? signal->number() : -1;
}

TEST(KillSignals, HaveTheirNamesInEveryCaseAndWithSig) {
  for (const char* const name : {"TERM", "term", "SIGTERM", "sigterm", "SigTerm"})
    EXPECT_EQ(number(named_signal(name)), 15) << name;
}

TEST(KillSignals, HaveTheNamesOfEveryOriginal) {
  const std::pair<const char*, int> names[] = {
      {"IOT", 6},  {"CLD", 17},   {"IO", 29},         {"POLL", 29},    {"EXIT", 0},
      {"NULL", 0}, {"RTMIN", 34}, {"RTMIN+3", 37},    {"RTMAX", 64},   {"RTMAX-3", 61},
      {"RT0", 34}, {"RT30", 64},  {"SIGRTMIN+1", 35}, {"rtmax-30", 34}};
  for (const auto& [name, expected] : names)
    EXPECT_EQ(number(named_signal(name)), expected) << name;
}

TEST(KillSignals, AreNothingElse) {
  for (const char* const name :
       {"", "SIG", "FOO", "TERM ", "15", "SIG15", "RT31", "RTMIN+31", "RTMAX-31", "RT", "RTMIN-1"})
    EXPECT_EQ(number(named_signal(name)), -1) << name;
}

TEST(KillSignals, ThatAreSentByNumberAreThoseThereAre) {
  for (const Style style : kEvery) {
    EXPECT_EQ(number(signal_to_send(style, "9")), 9);
    EXPECT_EQ(number(signal_to_send(style, "0")), 0);
    EXPECT_EQ(number(signal_to_send(style, "64")), 64);
    EXPECT_EQ(number(signal_to_send(style, "99999999999999999999")), -1);
  }
  for (const Style style : {Style::knell, Style::util_linux, Style::toybox})
    EXPECT_EQ(number(signal_to_send(style, "65")), -1);
  // coreutils takes an exit status for its signal; procps leaves it to the kernel to refuse.
  EXPECT_EQ(number(signal_to_send(Style::coreutils, "137")), 9);
  EXPECT_EQ(number(signal_to_send(Style::procps, "65")), 65);
  EXPECT_EQ(number(signal_to_send(Style::procps, "94")), -1);
}

struct Status {
  const char* digits;
  int knell, coreutils, util_linux, procps, toybox;
};

// PEERS: -l 137 is KILL, KILL, KILL, unknown; -l 265 KILL, KILL, an error, unknown.
TEST(KillSignals, OfExitStatuses) {
  const Status all[] = {{"9", 9, 9, 9, 9, 9},        {"137", 9, 9, 9, -1, 9},
                        {"265", 9, 9, -1, -1, 9},    {"0", 0, 0, 0, -1, 0},
                        {"128", 0, 0, 0, -1, 0},     {"64", 64, 64, 64, -1, 64},
                        {"200", -1, -1, -1, -1, -1}, {"99999999999999999999", -1, -1, -1, -1, -1}};
  for (const Status& one : all) {
    EXPECT_EQ(number(signal_of_status(Style::knell, one.digits)), one.knell) << one.digits;
    EXPECT_EQ(number(signal_of_status(Style::coreutils, one.digits)), one.coreutils) << one.digits;
    EXPECT_EQ(number(signal_of_status(Style::util_linux, one.digits)), one.util_linux)
        << one.digits;
    EXPECT_EQ(number(signal_of_status(Style::procps, one.digits)), one.procps) << one.digits;
    EXPECT_EQ(number(signal_of_status(Style::toybox, one.digits)), one.toybox) << one.digits;
  }
}

TEST(KillSignals, AreNamedAsTheStyleNamesThem) {
  EXPECT_EQ(signal_name(Style::knell, Signal(29)), "POLL");
  EXPECT_EQ(signal_name(Style::procps, Signal(29)), "POLL");
  EXPECT_EQ(signal_name(Style::util_linux, Signal(29)), "IO");
  EXPECT_EQ(signal_name(Style::toybox, Signal(29)), "IO");
  EXPECT_EQ(signal_name(Style::knell, Signal(49)), "RTMIN+15");
  EXPECT_EQ(signal_name(Style::knell, Signal(50)), "RTMAX-14");
  EXPECT_EQ(signal_name(Style::util_linux, Signal(50)), "RT16");
  EXPECT_EQ(signal_name(Style::knell, Signal(0)), "EXIT");
  EXPECT_EQ(signal_name(Style::toybox, Signal(0)), "0");
  EXPECT_EQ(signal_name(Style::coreutils, Signal(32)), "");
}

/// What a name is turned into is turned back into it.
TEST(KillSignals, AreTheSameThereAndBack) {
  for (const Style style : kEvery)
    for (int signal = 1; signal <= Signal::kLast; ++signal) {
      if (signal == 32 || signal == 33) continue;  // glibc's own have no names
      const std::string name = signal_name(style, Signal(signal));
      EXPECT_EQ(number(named_signal(name)), signal) << name;
    }
}

}  // namespace
}  // namespace knell::compat
