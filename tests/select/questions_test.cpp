#include <gtest/gtest.h>

#include "worlds.hpp"

namespace knell::select {
namespace {

Questions asked(std::string_view word) {
  return questions(targets({word}), {});
}

TEST(Questions, NumbersAndTerminalsNeedOnlyWhatEveryWorldHas) {
  for (const std::string_view word :
       {"1234", "group:5", "session:5", "tty:pts/3", "pidfile:/run/x.pid"}) {
    EXPECT_EQ(asked(word).of_all, Known::stat) << word;
    EXPECT_FALSE(asked(word).sockets || asked(word).exe_ids) << word;
  }
}

TEST(Questions, EachOtherKindNeedsItsOwnPartOfEachProcess) {
  EXPECT_EQ(asked("nginx").of_all, Known::stat | Known::names);
  EXPECT_EQ(asked("/x/").of_all, Known::stat | Known::names);
  EXPECT_EQ(asked("exe:/x").of_all, Known::stat | Known::names);
  EXPECT_EQ(asked("user:root").of_all, Known::stat | Known::status);
  EXPECT_EQ(asked("port:80").of_all, Known::stat | Known::files);
  EXPECT_EQ(asked("file:/x").of_all, Known::stat | Known::files | Known::maps);
  EXPECT_EQ(asked("cgroup:/x").of_all, Known::stat | Known::cgroup);
  EXPECT_EQ(asked("unit:x").of_all, Known::stat | Known::cgroup);
}

TEST(Questions, WordsAreLookedUpAsTheyWillBeLookedForInTheAnswers) {
  EXPECT_EQ(asked("user:root").users, std::set<std::string>{"root"});
  EXPECT_EQ(asked("file:/x").files, std::set<std::string>{"/x"});
  EXPECT_EQ(asked("exe:/x").files, std::set<std::string>{"/x"});
  EXPECT_TRUE(asked("exe:/x").exe_ids);
  EXPECT_EQ(asked("pidfile:/x").pidfiles, std::set<std::string>{"/x"});
  EXPECT_EQ(asked("unit:x").units, std::set<std::string>{"x.service"});
  EXPECT_EQ(asked("tty:/dev/pts/3").terminals, std::set<std::string>{"pts/3"});
  EXPECT_TRUE(asked("port:80").sockets);
}

TEST(Questions, WhatIsExcludedAndWhoseItIsCountToo) {
  const Filter filter{.users = {"www-data"},
                      .older = std::chrono::hours(1),
                      .parents = {Pid(1)},
                      .states = "Z",
                      .exclude = targets({"unit:x", "exe:/y"})};
  const Questions all = questions(targets({"1234", "port:80"}), filter);
  EXPECT_EQ(all.of_all, Known::stat | Known::names | Known::status | Known::files | Known::cgroup);
  EXPECT_EQ(all.users, std::set<std::string>{"www-data"});
  EXPECT_EQ(all.units, std::set<std::string>{"x.service"});
  EXPECT_EQ(all.files, std::set<std::string>{"/y"});
  EXPECT_TRUE(all.sockets && all.exe_ids);
}

// Whoever has the comm is named, so what else it is called changes nothing.
TEST(Questions, ACommThatIsTheWholeNameNeedsNoOtherName) {
  const auto comms = [](std::initializer_list<std::string_view> words, const Filter& filter = {}) {
    return questions(targets(words), filter).comms;
  };
  EXPECT_EQ(comms({"nginx", "php-fpm"}), (std::set<std::string>{"nginx", "php-fpm"}));
  EXPECT_EQ(comms({"fourteen-bytes"}).size(), 1U);
  EXPECT_EQ(comms({"fifteen-bytes--"}).size(), 0U) << "the comm may have been cut short";
  EXPECT_EQ(comms({"nginx", "/x/"}).size(), 0U);
  EXPECT_EQ(comms({"nginx"}, {.exclude = targets({"y"})}).size(), 0U);
}

TEST(Questions, AgeParentAndStateNeedNoMoreThanEveryWorldHas) {
  const Filter filter{.older = std::chrono::hours(1), .parents = {Pid(1)}, .states = "Z"};
  EXPECT_EQ(questions(targets({"1234"}), filter).of_all, Known::stat);
}

TEST(OnlyPids, ArePlainPidsWithNothingToNarrowThem) {
  EXPECT_EQ(only_pids(targets({"7", "pid:5"}), {}), (std::vector{Pid(7), Pid(5)}));
  EXPECT_EQ(only_pids(targets({"7"}), {.full = true}), std::vector{Pid(7)});
  EXPECT_FALSE(only_pids({}, {}));
  EXPECT_FALSE(only_pids(targets({"7", "group:5"}), {}));
  EXPECT_FALSE(only_pids(targets({"7", "pidfile:/x"}), {}));
  EXPECT_FALSE(only_pids(targets({"7"}), {.users = {"root"}}));
  EXPECT_FALSE(only_pids(targets({"7"}), {.older = std::chrono::seconds(0)}));
  EXPECT_FALSE(only_pids(targets({"7"}), {.younger = std::chrono::seconds(1)}));
  EXPECT_FALSE(only_pids(targets({"7"}), {.parents = {Pid(1)}}));
  EXPECT_FALSE(only_pids(targets({"7"}), {.states = "Z"}));
  EXPECT_FALSE(only_pids(targets({"7"}), {.exclude = targets({"8"})}));
}

}  // namespace
}  // namespace knell::select
