#include "knell/select/selection.hpp"

#include <rapidcheck.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "worlds.hpp"

namespace knell::select {
namespace {

using namespace std::chrono_literals;

TEST(Selection, HasEachProcessOnceWithTheFirstTargetThatNamedIt) {
  Machine machine;
  machine.process(12, "b");
  machine.process(10, "a");
  machine.program(11, "a", "/bin/b", "");
  const Selection selection = machine.selection({"b", "11", "a"}).value();
  ASSERT_EQ(selection.matches.size(), 3U);
  EXPECT_EQ(machine.pids({"b", "11", "a"}), (Pids{10, 11, 12})) << "in the order of the pids";
  EXPECT_EQ(selection.matches[0].target, 2U);
  EXPECT_EQ(selection.matches[1].target, 0U);
  EXPECT_EQ(selection.matches[2].target, 0U);
  EXPECT_TRUE(selection.misses.empty()) << "11 was named, though not first";
}

TEST(Selection, HasNoProcessThatWasReleased) {
  Machine machine;
  machine.process(10, "a");
  machine.world.remove(machine.process(11, "a"));
  EXPECT_EQ(machine.pids({"a", "11"}), Pids{10});
}

TEST(Selection, HasZombiesAndProcessesWithDeadLeaders) {
  Machine machine;
  machine.world[machine.process(10, "a")].state = TaskState::zombie;
  const TaskIndex leader = machine.process(11, "a");
  machine.world.add_thread(Pid(12), leader);
  machine.world[leader].state = TaskState::zombie;
  EXPECT_EQ(machine.pids({"a"}), (Pids{10, 11}));
}

TEST(Miss, SaysWhatWasLookedForAndNotFound) {
  Machine machine;
  machine.answers.users = {{"www-data", Uid(33)}};
  machine.answers.terminals = {{"pts/3", 5U}};
  machine.answers.files = {{"/x", FileId{1, 2}}};
  machine.answers.units = {{"x.service", "/x.service"}};
  const auto says = [&](std::string_view word, std::string_view sentence) {
    const Error error = machine.miss(word);
    EXPECT_EQ(error.number, ESRCH) << word;
    EXPECT_EQ(error.object, sentence);
  };
  says("999", "there is no process 999");
  says("foo", "no process is called 'foo'");
  says("/foo/", "no process has a name that matches /foo/");
  says("user:www-data", "no process runs as user www-data");
  says("group:5", "there is no process group 5");
  says("session:5", "there is no session 5");
  says("tty:pts/3", "no process has the terminal pts/3");
  says("port:8080", "no process listens on tcp port 8080");
  says("port:53/udp", "no process listens on udp port 53");
  says("file:/x", "no process has /x open or mapped");
  says("exe:/x", "no process runs /x");
  says("cgroup:/x", "no process is in the cgroup /x");
  says("unit:x", "no process is in the unit x.service");
  machine.filter.full = true;
  says("/foo/", "no command line matches /foo/");
}

TEST(Miss, OfSeveralTargetsEachHasItsOwnInTheirOrder) {
  Machine machine;
  machine.process(10, "a");
  const Selection selection = machine.selection({"x", "a", "y"}).value();
  ASSERT_EQ(selection.misses.size(), 2U);
  EXPECT_EQ(selection.misses[0].target, 0U);
  EXPECT_EQ(selection.misses[1].target, 2U);
  EXPECT_EQ(selection.misses[1].error.object, "no process is called 'y'");
}

TEST(Miss, OfANameShowsUpToThreeNamesLikeIt) {
  Machine machine;
  machine.process(10, "sshd");
  EXPECT_EQ(machine.miss("ssh").hint, "there is 'sshd'");
  machine.process(11, "sshd");
  machine.process(12, "openssh");
  EXPECT_EQ(machine.miss("ssh").hint, "there are 'sshd', 'openssh'")
      << "those that begin with it come first";
  machine.process(13, "ssh-agent");
  machine.program(14, "x", "/usr/bin/sshfs", "");
  EXPECT_EQ(machine.miss("ssh").hint, "there are 'ssh-agent', 'sshd', 'sshfs'");
  EXPECT_EQ(machine.miss("nothing-like-it").hint, "");
}

TEST(Miss, ShowsNoNameThatCouldWriteOnATerminal) {
  Machine machine;
  machine.process(10, "ssh\x1b[2J");
  machine.process(11, "ssh\n");
  machine.process(12, "ssh\xff");
  EXPECT_EQ(machine.miss("ssh").hint, "");
}

TEST(Miss, SaysWhichOptionsLeftNoneOfHowMany) {
  Machine machine;
  machine.answers.users = {{"root", Uid(0)}};
  for (const int pid : {10, 11, 12}) machine.runs_as(machine.process(pid, "node"), 5, 5);
  machine.world.signal_of(machine.world.find(Pid(10))).start = machine.world.now;
  machine.filter.younger = 10min;
  EXPECT_EQ(machine.pids({"node"}), Pids{10});
  machine.filter.exclude = targets({"10"});
  Error error = machine.miss("node");
  EXPECT_EQ(error.number, ESRCH);
  EXPECT_EQ(error.object, "'node': 3 matched, but --younger 10m and --exclude 10 left none");
  machine.filter.users = {"root"};
  EXPECT_EQ(machine.miss("node").object, "'node': 3 matched, but --user root left none");
  machine.filter = {.older = 180min};
  EXPECT_EQ(machine.miss("node").object, "'node': 3 matched, but --older 3h left none");
  machine.filter = {.parents = {Pid(1), Pid(2)}};
  EXPECT_EQ(machine.miss("node").object, "'node': 3 matched, but --parent 1 --parent 2 left none");
  machine.filter = {.states = "ZT"};
  EXPECT_EQ(machine.miss("11").object, "'11': 1 matched, but --state ZT left none");
}

TEST(Miss, TellsThatNotEveryProcessCouldBeSeen) {
  Machine machine;
  machine.answers.files = {{"/x", FileId{1, 2}}};
  EXPECT_EQ(machine.miss("file:/x").hint, "");
  machine.world.unread = {{.what = "open files", .number = EACCES, .count = 3}};
  EXPECT_EQ(machine.miss("file:/x").hint, "not every process could be looked into: try as root");
}

/// A small world with few names, so that targets often meet, and words for parts of it.
Machine some_machine() {
  Machine machine;
  const int count = *rc::gen::inRange(0, 20);
  machine.answers.users = {{"u", Uid(1)}};
  for (int pid = 1; pid <= count; ++pid) {
    const auto comm = *rc::gen::element<std::string>("a", "b", "ab", "a\n", "\xff");
    const TaskIndex task =
        machine.program(pid, comm, "/bin/" + comm, *rc::gen::string<std::string>());
    machine.world.signal_of(task).pgrp = Pgid(*rc::gen::inRange(1, 4));
    machine.runs_as(task, 0, *rc::gen::element(0U, 1U));
  }
  return machine;
}
std::vector<std::string_view> some_words() {
  return *rc::gen::container<std::vector<std::string_view>>(
      rc::gen::element<std::string_view>("1", "3", "19", "a", "ab", "name:\xff", "/b/", "/^a/",
                                         "user:u", "group:1", "group:2", "tty:x", "port:1"));
}
TEST(Properties, WhatIsExcludedIsNeverSelected) {
  const auto holds = rc::check("select(targets, exclude X) has nothing of X", [] {
    Machine machine = some_machine();
    const std::vector<std::string_view> words = some_words();
    const auto spared = *rc::gen::element<std::string_view>("3", "a", "/b/", "user:u", "group:1");
    const Pids without = machine.pids({spared});
    machine.filter.exclude = targets({spared});
    for (const int pid : machine.pids(words))
      RC_ASSERT(std::ranges::find(without, pid) == without.end());
  });
  EXPECT_TRUE(holds);
}

TEST(Properties, TheUnionIsTheSameInWhateverOrderItsPartsAreTyped) {
  const auto holds = rc::check("union", [] {
    const Machine machine = some_machine();
    std::vector<std::string_view> words = some_words();
    const Pids once = machine.pids(words);
    RC_ASSERT(std::ranges::is_sorted(once));
    RC_ASSERT(std::ranges::adjacent_find(once) == once.end());
    Pids parts;
    for (const std::string_view word : words)
      for (const int pid : machine.pids({word})) parts.push_back(pid);
    std::ranges::sort(parts);
    parts.erase(std::ranges::unique(parts).begin(), parts.end());
    RC_ASSERT(once == parts);
    std::ranges::reverse(words);
    RC_ASSERT(once == machine.pids(words));
  });
  EXPECT_TRUE(holds);
}

TEST(Properties, EveryTargetHasAMatchOfItsOwnOrAnothersOrAMiss) {
  const auto holds = rc::check("matches and misses", [] {
    const Machine machine = some_machine();
    const std::vector<std::string_view> words = some_words();
    const Selection selection = machine.selection(words).value();
    for (std::size_t number = 0; number < words.size(); ++number) {
      const bool missed = std::ranges::find(selection.misses, number, &Selection::Miss::target) !=
                          selection.misses.end();
      RC_ASSERT(missed == machine.pids({words[number]}).empty());
    }
  });
  EXPECT_TRUE(holds);
}

TEST(Properties, AnyPatternThatCompilesCanBeLookedForInAnyBytes) {
  const auto holds = rc::check("patterns", [] {
    Machine machine = some_machine();
    machine.filter.full = *rc::gen::arbitrary<bool>();
    const auto pattern = *rc::gen::container<std::string>(rc::gen::element(
        'a', 'b', '.', '*', '+', '?', '(', ')', '[', ']', '^', '$', '|', '\\', '-', '\xff', '\n'));
    const Target word{.kind = Target::Kind::regex, .typed = pattern, .text = pattern};
    const std::vector<Target> words{word};
    const auto selection = select(machine.world, words, machine.filter, machine.answers);
    if (!selection) RC_ASSERT(selection.error().number == EINVAL);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace knell::select
