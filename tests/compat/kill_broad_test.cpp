/// Signals to groups and to everybody, in pid namespaces of the test's own.

#include <gtest/gtest.h>

#include "compat/commands.hpp"
#include "compat/own_namespace.hpp"
#include "compat/recorder.hpp"

namespace knell::test {
namespace {

/// A pair in a group of its own, another group, and a bystander in a third.
struct Crowd {
  Recorder first{Recorder::Group::own};
  Recorder second{first.pid()};
  Recorder other{Recorder::Group::own};
  Recorder bystander{Recorder::Group::own};

  /// What each got, in this order: "15 |15 |||".
  [[nodiscard]] std::string signals() const {
    return first.signals() + "|" + second.signals() + "|" + other.signals() + "|" +
           bystander.signals();
  }
};

struct Case {
  Words words;
  std::string signals;  ///< as Crowd::signals()
  int status;
};

/// "" if all is as the case wants it. `words` may say FIRST and OTHER for the groups' numbers.
std::string trouble(const std::string& style, const Case& wanted) {
  const Crowd crowd;
  Words words = wanted.words;
  for (std::string& word : words) {
    for (const auto& [name, pid] :
         {std::pair<std::string, std::string>{"FIRST", crowd.first.number()},
          {"OTHER", crowd.other.number()}})
      if (const std::size_t at = word.find(name); at != std::string::npos)
        word.replace(at, name.size(), pid);
  }
  Place place;
  place.before = [] { ::setpgid(0, 0); };  // its own group is nobody's
  const Ran ran = kill_as(style, words, place);
  const std::string got = crowd.signals();
  if (got == wanted.signals && ran.status == wanted.status) return {};
  std::string text = "[" + style + "] kill";
  for (const std::string& word : wanted.words) text += " '" + word + "'";
  return text + ": " + got + " and " + std::to_string(ran.status) + ": " + ran.err + "\n";
}

std::string troubles(const std::vector<std::string>& styles, const std::vector<Case>& cases) {
  std::string text;
  for (const std::string& style : styles)
    for (const Case& one : cases) text += trouble(style, one);
  return text;
}

void expect_none(const std::vector<std::string>& styles, const std::vector<Case>& cases) {
  const auto told = in_own_namespace([&] { return troubles(styles, cases); });
  if (!told) GTEST_SKIP() << "needs a pid namespace";
  EXPECT_EQ(*told, "");
}

/// procps 4.0.2 turns `kill -KILL -1234` into kill(-1, SIGKILL); later ones signal the first group
/// only, and turn the exit status round.
TEST(KillBroad, AGroupIsNeverEverybody) {
  expect_none(every_style(), {{{"-KILL", "-FIRST"}, "9 |9 ||", 0},
                              {{"-KILL", "--", "-FIRST"}, "9 |9 ||", 0},
                              {{"-s", "KILL", "-FIRST"}, "9 |9 ||", 0},
                              {{"-9", "-FIRST"}, "9 |9 ||", 0},
                              {{"-USR1", "-FIRST", "-OTHER"}, "10 |10 |10 |", 0},
                              {{"-USR1", "--", "-FIRST", "-OTHER"}, "10 |10 |10 |", 0},
                              {{"--", "-FIRST"}, "15 |15 ||", 0},
                              {{"-USR1", "-999999"}, "|||", 1}});
}

TEST(KillBroad, AGroupWithoutASignalIsToStandBehindDashes) {
  expect_none({"", "coreutils", "util-linux", "toybox"}, {{{"-FIRST"}, "|||", 1}});
  expect_none({"procps"}, {{{"-FIRST"}, "15 |15 ||", 0}});
}

TEST(KillBroad, AMistypedWordIsNotEverybody) {
  // 4294967295 is -1 in 32 bits, 4294967296 is 0; toybox takes "" for 0.
  std::vector<Case> cases;
  for (const char* const word : {"4294967295", "4294967296", "-4294967297", "99999999999999999999",
                                 "", " ", "-", "1x", "--1", "0x0", "+-1", "-+1"})
    cases.push_back({{"-s", "USR1", "--", word}, "|||", 1});
  expect_none(every_style(), cases);
}

/// coreutils takes `-1033` for signal 1033 & 255, which is KILL; procps takes `-9x` for group 9.
TEST(KillBroad, AGroupsNumberIsNoSignal) {
  expect_none(every_style(), {{{"-9x", "FIRST"}, "|||", 1}});
  expect_none({"", "coreutils", "util-linux", "toybox"}, {{{"-1033", "FIRST"}, "|||", 1}});
}

/// util-linux and toybox take what stands behind for processes: TERM to FIRST, and to group 0.
TEST(KillBroad, AnOptionBehindAProcessIsNoProcess) {
  expect_none({"util-linux", "toybox"},
              {{{"FIRST", "-s", "0"}, "|||", 1}, {{"FIRST", "-KILL"}, "|||", 1}});
  expect_none({"", "coreutils", "procps"}, {{{"FIRST", "-s", "0"}, "|||", 0}});
}

TEST(KillBroad, EverybodyIsEverybody) {
  expect_none(every_style(), {{{"-USR1", "-1"}, "10 |10 |10 |10 ", 0},
                              {{"-s", "USR1", "--", "-1"}, "10 |10 |10 |10 ", 0}});
}

TEST(KillBroad, ZeroIsTheCallersGroup) {
  const auto told = in_own_namespace([] {
    std::string text;
    for (const std::string& style : every_style()) {
      const Crowd crowd;
      Place place;
      place.before = [&] { ::setpgid(0, crowd.first.pid()); };
      const Ran ran = kill_as(style, {"-s", "WINCH", "0"}, place);
      if (ran.status != 0 || crowd.signals() != "28 |28 ||") text += style + ": " + ran.err + "\n";
    }
    return text;
  });
  if (!told) GTEST_SKIP() << "needs a pid namespace";
  EXPECT_EQ(*told, "");
}

TEST(KillBroad, AValueIsQueuedToAGroup) {
  const auto told = in_own_namespace([]() -> std::string {
    const Crowd crowd;
    const Ran ran = run_kill({"-s", "USR1", "-q", "42", "--", "-" + crowd.first.number()});
    const std::vector<Received> wanted{{SIGUSR1, SI_QUEUE, 42}};
    if (ran.status != 0) return "not permitted";  // before Linux 6.9
    if (crowd.first.take() != wanted || crowd.second.take() != wanted) return "not queued";
    return crowd.other.take().empty() ? "" : "queued to another";
  });
  if (!told || *told == "not permitted") GTEST_SKIP() << "needs a pid namespace and Linux 6.9";
  EXPECT_EQ(*told, "");
}

}  // namespace
}  // namespace knell::test
