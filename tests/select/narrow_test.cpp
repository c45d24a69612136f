#include <gtest/gtest.h>

#include "worlds.hpp"

namespace knell::select {
namespace {

using namespace std::chrono_literals;

/// Processes "p" that started `seconds` before now, at 100 ticks a second.
struct Ages : testing::Test {
  Machine machine;
  void aged(int pid, std::uint64_t ticks) {
    machine.world.signal_of(machine.process(pid, "p")).start =
        StartTime(machine.world.now.value() - ticks);
  }
};

TEST_F(Ages, OlderIsAtLeastAndYoungerIsLess) {
  aged(10, 59'999);
  aged(11, 60'000);  // ten minutes to the tick
  aged(12, 60'001);
  machine.filter.older = 10min;
  EXPECT_EQ(machine.pids({"p"}), (Pids{11, 12}));
  machine.filter.older.reset();
  machine.filter.younger = 10min;
  EXPECT_EQ(machine.pids({"p"}), Pids{10});
}

TEST_F(Ages, FractionsOfASecondCount) {
  aged(10, 49);
  aged(11, 50);
  machine.filter.older = 500ms;
  EXPECT_EQ(machine.pids({"p"}), Pids{11});
  machine.filter.older = 491ms;
  EXPECT_EQ(machine.pids({"p"}), Pids{11}) << "a part of a tick is not over before the tick is";
}

TEST_F(Ages, TheMachinesTicksAreUsed) {
  aged(10, 999);
  aged(11, 1000);
  machine.world.ticks_per_second = 1000;
  machine.filter.older = 1s;
  EXPECT_EQ(machine.pids({"p"}), Pids{11});
}

TEST_F(Ages, AProcessBornWhileTheMachineWasReadIsNewborn) {
  machine.world.signal_of(machine.process(10, "p")).start =
      StartTime(machine.world.now.value() + 5);
  machine.filter.older = 1s;
  EXPECT_EQ(machine.pids({"p"}), Pids{});
  machine.filter.older.reset();
  machine.filter.younger = 1s;
  EXPECT_EQ(machine.pids({"p"}), Pids{10});
}

TEST_F(Ages, TheLongestSpanOfTimeDoesNotOverflow) {
  aged(10, 60'000);
  machine.world.ticks_per_second = 1000;
  machine.filter.older = std::chrono::milliseconds::max();
  EXPECT_EQ(machine.pids({"p"}), Pids{});
}

TEST(Narrow, UsersAreEffectiveOnesAndAnyOfThem) {
  Machine machine;
  machine.answers.users = {{"root", Uid(0)}, {"www-data", Uid(33)}};
  machine.runs_as(machine.process(10, "p"), 33, 33);
  machine.runs_as(machine.process(11, "p"), 33, 0);
  machine.runs_as(machine.process(12, "p"), 1000, 1000);
  machine.process(13, "p");
  machine.filter.users = {"root"};
  EXPECT_EQ(machine.pids({"p"}), Pids{11});
  machine.filter.users = {"root", "www-data"};
  EXPECT_EQ(machine.pids({"p"}), (Pids{10, 11}));
}

TEST(Narrow, AUserThatCannotBeLookedUpIsAnError) {
  Machine machine;
  const Error unknown{0, "find", "user nobdy", ""};
  machine.answers.users = {{"nobdy", std::unexpected(unknown)}};
  machine.process(10, "p");
  machine.filter.users = {"nobdy"};
  const auto selection = machine.selection({"p"});
  ASSERT_FALSE(selection);
  EXPECT_EQ(selection.error(), unknown);
}

TEST(Narrow, ParentsAreTheRealOnes) {
  Machine machine;
  const TaskIndex init = machine.process(1, "init");
  const TaskIndex shell = machine.process(10, "sh", init);
  machine.process(11, "p", shell);
  machine.process(12, "p", init);
  machine.process(13, "p");
  machine.filter.parents = {Pid(10)};
  EXPECT_EQ(machine.pids({"p"}), Pids{11});
  machine.filter.parents = {Pid(10), Pid(1)};
  EXPECT_EQ(machine.pids({"p"}), (Pids{11, 12}));
}

TEST(Narrow, AThreadsChildIsItsProcesssChild) {
  Machine machine;
  const TaskIndex thread = machine.world.add_thread(Pid(11), machine.process(10, "server"));
  machine.process(12, "p", thread);
  machine.filter.parents = {Pid(10)};
  EXPECT_EQ(machine.pids({"p"}), Pids{12});
}

struct States : testing::Test {
  Machine machine;
  TaskIndex in_state(int pid, TaskState state) {
    const TaskIndex task = machine.process(pid, "p");
    machine.world[task].state = state;
    return task;
  }
  Pids with(std::string states) {
    machine.filter.states = std::move(states);
    return machine.pids({"p"});
  }
};

TEST_F(States, AreTheLettersOfProc) {
  int pid = 10;
  for (const char letter : {'R', 'S', 'D', 'T', 't', 'I', 'Z'})
    in_state(pid++, static_cast<TaskState>(letter));
  EXPECT_EQ(with("R"), Pids{10});
  EXPECT_EQ(with("DS"), (Pids{11, 12}));
  EXPECT_EQ(with("T"), Pids{13});
  EXPECT_EQ(with("t"), Pids{14});
  EXPECT_EQ(with("Z"), Pids{16});
  EXPECT_EQ(with("RSDTtIZ"), (Pids{10, 11, 12, 13, 14, 15, 16}));
}

TEST_F(States, ALeaderThatEndedWhileThreadsLiveIsNoZombie) {
  machine.world.signal_of(in_state(10, TaskState::zombie)).nr_threads = 2;
  in_state(11, TaskState::zombie);
  EXPECT_EQ(with("Z"), Pids{11});
  EXPECT_EQ(with("S"), Pids{10}) << "its threads were not read";
}

TEST_F(States, ALeaderThatEndedIsAsItsFirstLivingThreadIs) {
  const TaskIndex leader = in_state(10, TaskState::sleeping);
  const TaskIndex first = machine.world.add_thread(Pid(11), leader);
  const TaskIndex second = machine.world.add_thread(Pid(12), leader);
  const TaskIndex last = machine.world.add_thread(Pid(13), leader);
  machine.world[leader].state = TaskState::zombie;
  machine.world[first].state = TaskState::zombie;
  machine.world[second].state = TaskState::disk_sleep;
  machine.world[last].state = TaskState::running;
  EXPECT_EQ(with("D"), Pids{10});
  EXPECT_EQ(with("Z"), Pids{});
}

TEST_F(States, AnUnknownLetterIsAnError) {
  in_state(10, TaskState::sleeping);
  for (const std::string_view states : {"Q", "SQ", "s", "-", " "}) {
    machine.filter.states = states;
    const auto selection = machine.selection({"p"});
    ASSERT_FALSE(selection) << states;
    EXPECT_EQ(selection.error().number, EINVAL);
  }
}

TEST(Narrow, WhatIsExcludedIsNotNamed) {
  Machine machine;
  machine.process(10, "p");
  machine.program(11, "p", "/bin/spared", "");
  machine.process(12, "p");
  machine.filter.exclude = targets({"spared", "12", "nobody-is-called-so", "999"});
  EXPECT_EQ(machine.pids({"p"}), Pids{10});
  EXPECT_EQ(machine.pids({"11", "12", "p"}), Pids{10}) << "not even by its pid";
}

TEST(Narrow, AnExcludedTargetThatCannotBeLookedUpIsAnError) {
  Machine machine;
  const Error unreadable{EACCES, "open", "/run/x.pid", ""};
  machine.process(10, "p");
  machine.answers.pidfiles = {{"/run/x.pid", std::unexpected(unreadable)}};
  machine.filter.exclude = targets({"pidfile:/run/x.pid"});
  ASSERT_FALSE(machine.selection({"p"}));
  EXPECT_EQ(machine.selection({"p"}).error(), unreadable);
  machine.filter.exclude = targets({"/(/"});
  EXPECT_FALSE(machine.selection({"p"}));
}

TEST(Narrow, AStalePidFileExcludesNothing) {
  Machine machine;
  machine.process(10, "p");
  machine.answers.pidfiles = {{"/run/x.pid", PidFile{Pid(10), StartTime(5)}}};  // started at 1000
  machine.filter.exclude = targets({"pidfile:/run/x.pid"});
  EXPECT_EQ(machine.pids({"p"}), Pids{10});
}

TEST(Narrow, EverythingGivenMustHold) {
  Machine machine;
  const TaskIndex parent = machine.process(1, "init");
  machine.answers.users = {{"u", Uid(5)}};
  machine.runs_as(machine.process(10, "p", parent), 5, 5);
  machine.runs_as(machine.process(11, "p"), 5, 5);
  machine.runs_as(machine.process(12, "p", parent), 6, 6);
  machine.filter = {.users = {"u"}, .older = 1s, .parents = {Pid(1)}, .states = "S"};
  EXPECT_EQ(machine.pids({"p"}), Pids{10});
}

}  // namespace
}  // namespace knell::select
