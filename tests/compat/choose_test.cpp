#include "knell/compat/choose.hpp"

#include <clocale>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knell/compat/printed.hpp"

namespace knell::compat {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Pid kSelf{90};

/// init (1), below it shell (10) with two threads (11, 12), below that the command itself (90).
struct Machine {
  World world;
  TaskIndex init = add(1, {}, "init", 5);
  TaskIndex shell = add(10, init, "shell", 50);
  TaskIndex early = thread(11, "worker", 60);
  TaskIndex late = thread(12, "worker", 70);
  TaskIndex self = add(kSelf.value(), shell, "pgrep", 80);

  TaskIndex add(std::int32_t pid, TaskIndex parent, const char* name, std::uint64_t start) {
    const TaskIndex task = world.add_process(Pid(pid), parent);
    world[task].comm = name;
    world.signal_of(task).start = StartTime(start);
    world.now = StartTime(1000);
    return task;
  }
  TaskIndex thread(std::int32_t pid, const char* name, std::uint64_t start) {
    const TaskIndex task = world.add_thread(Pid(pid), shell);
    world[task].comm = name;
    world.details_of(shell).thread_starts.push_back({.pid = Pid(pid), .start = StartTime(start)});
    return task;
  }
  [[nodiscard]] std::vector<std::int32_t> chosen(const Criteria& criteria) const {
    std::vector<std::int32_t> pids;
    for (const TaskIndex task : choose(world, criteria, {}, kSelf))
      pids.push_back(world[task].pid.value());
    return pids;
  }
};

Criteria named(const char* pattern) {
  Criteria criteria;
  criteria.pattern = *Pattern::compile(pattern, false);
  return criteria;
}

TEST(Choose, LeavesTheCommandItselfOut) {
  const Machine machine;
  EXPECT_THAT(machine.chosen({}), ElementsAre(1, 10));
  EXPECT_THAT(machine.chosen(named("pgrep")), IsEmpty());
}

TEST(Choose, LooksAtThreadsByTheirOwnNamesAndStarts) {
  const Machine machine;
  Criteria criteria = named("worker");
  EXPECT_THAT(machine.chosen(criteria), IsEmpty());
  criteria.threads = true;
  EXPECT_THAT(machine.chosen(criteria), ElementsAre(11, 12));
  criteria.some = Criteria::Some::newest;
  EXPECT_THAT(machine.chosen(criteria), ElementsAre(12));
  criteria.some = Criteria::Some::oldest;
  EXPECT_THAT(machine.chosen(criteria), ElementsAre(11));
}

TEST(Choose, CountsAThreadAsOneOfItsProcess) {
  Machine machine;
  Criteria criteria;
  criteria.threads = true;
  criteria.pids = {10};
  EXPECT_THAT(machine.chosen(criteria), ElementsAre(10, 11, 12));
  criteria.pids = {11};
  EXPECT_THAT(machine.chosen(criteria), IsEmpty());
}

/// 1000 ticks are 10 s: who was started at tick 50 is 9 whole seconds old, at tick 5 nine too.
TEST(Choose, CountsAgesInWholeSeconds) {
  const Machine machine;
  Criteria criteria;
  criteria.older = 9;
  EXPECT_THAT(machine.chosen(criteria), ElementsAre(1, 10));
  criteria.older = 10;
  EXPECT_THAT(machine.chosen(criteria), IsEmpty());
}

TEST(Choose, LeavesAncestorsOutWhereAsked) {
  const Machine machine;
  Criteria criteria;
  criteria.strangers = true;
  EXPECT_THAT(machine.chosen(criteria), IsEmpty());
  EXPECT_THAT(ancestors(machine.world, kSelf), ElementsAre(machine.shell, machine.init));
  EXPECT_THAT(ancestors(machine.world, Pid(777)), IsEmpty());
}

/// Of a process whose credentials could not be read nobody knows the owner.
TEST(Choose, TakesNothingUnknownForAMatch) {
  const Machine machine;
  Criteria criteria;
  criteria.uids = {0};
  EXPECT_THAT(machine.chosen(criteria), IsEmpty());
  criteria = {};
  criteria.handled = signals::kUsr1;
  EXPECT_THAT(machine.chosen(criteria), IsEmpty());
  criteria = {};
  criteria.like = Pid(1);
  EXPECT_THAT(machine.chosen(criteria), IsEmpty());
}

/// Those that were started in the same tick are told apart by their numbers.
TEST(Choose, BreaksTiesByNumber) {
  Machine machine;
  machine.add(20, machine.init, "twin", 60);
  machine.add(21, machine.init, "twin", 60);
  Criteria criteria = named("twin");
  criteria.some = Criteria::Some::newest;
  EXPECT_THAT(machine.chosen(criteria), ElementsAre(21));
  criteria = named("twin");
  criteria.some = Criteria::Some::oldest;
  EXPECT_THAT(machine.chosen(criteria), ElementsAre(20));
}

TEST(Questions, AskOnlyForWhatTheCriteriaNeed) {
  EXPECT_EQ(questions_of(named("x")).of_all, Known::stat);
  Criteria criteria = named("x");
  criteria.full = true;
  EXPECT_EQ(questions_of(criteria).of_all, Known::stat | Known::cmdline);
  criteria = named("x");
  criteria.gids = {0};
  criteria.environment = {"A"};
  EXPECT_EQ(questions_of(criteria).of_all, Known::stat | Known::status | Known::environ);
}

TEST(Printed, HidesWhatATerminalWouldObey) {
  std::setlocale(LC_CTYPE, "C");
  EXPECT_EQ(printed("a\x1b[2J\x7f"), "a.[2J.");
  EXPECT_EQ(printed("b\xc3\xa4r"), "b??r");
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) GTEST_SKIP() << "no UTF-8 locale";
  EXPECT_EQ(printed("b\xc3\xa4r\n"), "b\xc3\xa4r?");
  EXPECT_EQ(printed("a\n\xff\n\xc3\xa4"), "a??.??");
  EXPECT_EQ(printed("a\xc3"), "a?");
  std::setlocale(LC_CTYPE, "C");
}

TEST(Printed, QuotesForAShell) {
  EXPECT_EQ(quoted("a-b/c"), "a-b/c");
  EXPECT_EQ(quoted("it's $x"), "'it'\\''s $x'");
  EXPECT_EQ(quoted(""), "''");
  EXPECT_EQ(quoted_arguments(std::string("a\0b c\0\0", 7)), "a 'b c' ''");
}

}  // namespace
}  // namespace knell::compat
