#include "knell/world/world.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace knell {
namespace {

std::vector<int> pids(const World& world, const std::vector<TaskIndex>& tasks) {
  std::vector<int> numbers;
  for (TaskIndex task : tasks) numbers.push_back(world[task].pid.value());
  return numbers;
}

std::vector<int> children(const World& world, TaskIndex task) {
  std::vector<TaskIndex> all;
  for (TaskIndex child : world.children(task)) all.push_back(child);
  return pids(world, all);
}

TEST(World, FindsWhatWasAddedInAnyOrder) {
  World world;
  const TaskIndex init = world.add_process(Pid(1), {});
  const TaskIndex high = world.add_process(Pid(900), init);
  const TaskIndex low = world.add_process(Pid(20), init);
  EXPECT_EQ(world.find(Pid(900)), high);
  EXPECT_EQ(world.find(Pid(20)), low);
  EXPECT_FALSE(world.find(Pid(21)).valid());
  EXPECT_EQ(pids(world, world.processes()), (std::vector{1, 20, 900}));
}

TEST(World, AProcessIsItsNumberAndItsStart) {
  World world;
  const TaskIndex task = world.add_process(Pid(7), {});
  world.signal_of(task).start = StartTime(1000);
  EXPECT_EQ(world.find(ProcessId{Pid(7), StartTime(1000)}), task);
  EXPECT_FALSE(world.find(ProcessId{Pid(7), StartTime(1001)}).valid());
}

TEST(World, ChildrenAreListedNewestFirstAndMove) {
  World world;
  const TaskIndex a = world.add_process(Pid(1), {});
  const TaskIndex b = world.add_process(Pid(2), a);
  const TaskIndex c = world.add_process(Pid(3), a);
  world.add_process(Pid(4), a);
  EXPECT_EQ(children(world, a), (std::vector{4, 3, 2}));
  world.set_real_parent(c, b);
  EXPECT_EQ(children(world, a), (std::vector{4, 2}));
  EXPECT_EQ(children(world, b), (std::vector{3}));
  EXPECT_EQ(world[c].parent, b);
}

TEST(World, ATracerStaysParentWhenTheRealOneChanges) {
  World world;
  const TaskIndex a = world.add_process(Pid(1), {});
  const TaskIndex child = world.add_process(Pid(2), a);
  const TaskIndex tracer = world.add_process(Pid(3), a);
  world[child].parent = tracer;
  world.set_real_parent(child, tracer);
  EXPECT_EQ(world[child].parent, tracer);
}

TEST(World, ThreadsShareTheirGroup) {
  World world;
  const TaskIndex leader = world.add_process(Pid(10), {});
  const TaskIndex thread = world.add_thread(Pid(11), leader);
  EXPECT_EQ(world.leader(thread), leader);
  EXPECT_EQ(world.signal_of(thread).nr_threads, 2U);
  EXPECT_EQ(pids(world, world.processes()), (std::vector{10}));
  world.remove(thread);
  EXPECT_EQ(world.signal_of(leader).nr_threads, 1U);
  EXPECT_FALSE(world.find(Pid(11)).valid());
}

TEST(World, ADeadLeaderWithALivingThreadIsNoZombie) {
  World world;
  const TaskIndex leader = world.add_process(Pid(10), {});
  world[leader].state = TaskState::zombie;
  EXPECT_TRUE(world.is_zombie(leader));
  world.add_thread(Pid(11), leader);
  EXPECT_FALSE(world.is_zombie(leader));
}

TEST(World, ANumberThatWasReleasedCanBeGivenAgain) {
  World world;
  const TaskIndex init = world.add_process(Pid(1), {});
  const TaskIndex first = world.add_process(Pid(5), init);
  world.add_process(Pid(6), init);
  world.remove(first);
  EXPECT_FALSE(world.find(Pid(5)).valid());
  const TaskIndex second = world.add_process(Pid(5), init);
  EXPECT_NE(first, second);
  EXPECT_EQ(world.find(Pid(5)), second);
  EXPECT_EQ(pids(world, world.processes()), (std::vector{1, 5, 6}));
}

TEST(World, EqualCredentialsAreOne) {
  World world;
  const CredIndex root = world.add_cred({});
  Cred user;
  user.euid = Uid(1000);
  EXPECT_NE(world.add_cred(user), root);
  EXPECT_EQ(world.add_cred({}), root);
  EXPECT_EQ(world.creds.size(), 2U);
}

/// Parenthood as a plain list of pairs, against which the linked lists are held.
TEST(World, TheTreeSurvivesAnyOrderOfMovesAndEnds) {
  rc::check([](const std::vector<std::uint8_t>& moves) {
    World world;
    std::vector<TaskIndex> tasks{world.add_process(Pid(1), {})};
    std::vector<TaskIndex> parent_of{TaskIndex{}};
    for (std::size_t i = 0; i + 2 < moves.size(); i += 3) {
      const std::size_t which = moves[i + 1] % tasks.size();
      const std::size_t to = moves[i + 2] % tasks.size();
      if (moves[i] % 3 == 0) {
        tasks.push_back(world.add_process(Pid(static_cast<int>(tasks.size()) + 1), tasks[to]));
        parent_of.push_back(tasks[to]);
      } else if (which != to) {
        world.set_real_parent(tasks[which], tasks[to]);
        parent_of[which] = tasks[to];
      }
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      std::multiset<int> listed;
      for (int pid : children(world, tasks[i])) listed.insert(pid);
      std::multiset<int> expected;
      for (std::size_t k = 0; k < tasks.size(); ++k)
        if (parent_of[k] == tasks[i]) expected.insert(static_cast<int>(k) + 1);
      RC_ASSERT(listed == expected);
    }
  });
}

TEST(World, ACopyIsEqualUntilOneChanges) {
  World world;
  const TaskIndex init = world.add_process(Pid(1), {});
  World copy = world;
  EXPECT_EQ(copy, world);
  copy[init].comm = "x";
  EXPECT_NE(copy, world);
}

}  // namespace
}  // namespace knell
