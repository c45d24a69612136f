// Where processes belong, and who is frozen there: with cgroups of the test's own, where it may
// make them.

#include <unistd.h>

#include "gtest/gtest.h"
#include "in_child.hpp"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/own_cgroup.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::eventually;
using knell::test::OwnCgroup;
namespace behaviour = knell::test::behaviour;

Details look(const Child& child) {
  const auto machine = Machine::open();
  const std::vector pids{child.id().pid};
  auto world = machine->read_some(pids, Known::stat);
  const std::vector tasks{world->find(pids[0])};
  EXPECT_TRUE(machine->deepen(*world, tasks, Known::status | Known::cgroup | Known::surroundings));
  return world->details_of(tasks[0]);
}

TEST(MachineCgroup, VersionTwosPathAndItsFreezer) {
  const auto root = OwnCgroup::root("cgroup2", "");
  if (!test::is_root() || !root) GTEST_SKIP() << "needs root and cgroup v2";
  const OwnCgroup cgroup(*root);
  if (!cgroup.made()) GTEST_SKIP() << "cgroups cannot be made here";
  const Child child(behaviour::sleeping());
  ASSERT_TRUE(cgroup.write("cgroup.procs", std::to_string(child.pid())));
  EXPECT_EQ(look(child).cgroup, cgroup.name());
  EXPECT_FALSE(look(child).frozen);

  ASSERT_TRUE(cgroup.write("cgroup.freeze", "1"));
  ASSERT_TRUE(eventually([&] { return cgroup.says("cgroup.events", "frozen 1"); }));
  EXPECT_TRUE(look(child).frozen);
  const auto machine = Machine::open();
  const auto condition = machine->condition(child.id());
  ASSERT_TRUE(condition);
  EXPECT_TRUE(condition->frozen);
  ASSERT_TRUE(cgroup.write("cgroup.freeze", "0"));
}

TEST(MachineCgroup, VersionOnesFreezer) {
  const auto root = OwnCgroup::root("cgroup", "freezer");
  if (!test::is_root() || !root) GTEST_SKIP() << "needs root and the v1 freezer";
  const OwnCgroup cgroup(*root);
  if (!cgroup.made()) GTEST_SKIP() << "cgroups cannot be made here";
  const Child child(behaviour::sleeping());
  ASSERT_TRUE(cgroup.write("cgroup.procs", std::to_string(child.pid())));
  EXPECT_EQ(look(child).cgroup, cgroup.name());
  ASSERT_TRUE(cgroup.write("freezer.state", "FROZEN"));
  EXPECT_TRUE(eventually([&] { return cgroup.says("freezer.state", "FROZEN"); }));
  EXPECT_TRUE(look(child).frozen);
  ASSERT_TRUE(cgroup.write("freezer.state", "THAWED"));
  EXPECT_FALSE(look(child).frozen);
}

TEST(MachineCgroup, ItsMemoryIsWhatItsMembersUse) {
  const auto root = OwnCgroup::root_for_memory();
  if (!test::is_root() || !root) GTEST_SKIP() << "needs root and a memory controller";
  const OwnCgroup cgroup(*root);
  if (!cgroup.made()) GTEST_SKIP() << "cgroups cannot be made here";
  const auto machine = Machine::open();
  const auto before = machine->cgroup_memory(cgroup.name());
  if (!before) GTEST_SKIP() << "no memory controller: " << before.error().message();
  constexpr std::size_t kSize = 8 << 20;
  const Child child([&](const knell::test::Handshake& test) {
    if (!cgroup.write("cgroup.procs", std::to_string(getpid()))) _exit(1);
    std::string memory(kSize, 'x');
    test.tell(memory.back());
    behaviour::sleep_for_ever();
  });
  const auto after = machine->cgroup_memory(cgroup.name());
  ASSERT_TRUE(after);
  EXPECT_GE(*after, *before + kSize);
}

TEST(MachineCgroup, MemoryIsCountedWhereAllOfThemAre) {
  const auto root = OwnCgroup::root_for_memory();
  if (!test::is_root() || !root) GTEST_SKIP() << "needs root and a memory controller";
  const OwnCgroup cgroup(*root);
  if (!cgroup.made()) GTEST_SKIP() << "cgroups cannot be made here";
  const Child child(behaviour::sleeping());
  const Child other(behaviour::sleeping());
  const auto machine = Machine::open();
  const auto counted = [&](std::vector<Pid> pids) { return machine->memory_cgroup(pids); };
  const std::string elsewhere = counted({other.id().pid});
  ASSERT_TRUE(cgroup.write("cgroup.procs", std::to_string(child.pid())));
  EXPECT_EQ(counted({child.id().pid}), cgroup.name());
  EXPECT_EQ(counted({child.id().pid, other.id().pid}), "") << "the other is in " << elsewhere;
  EXPECT_EQ(counted({}), "");
  EXPECT_EQ(counted({Pid(4'190'000)}), "") << "does not exist";
}

TEST(MachineCgroup, OneThatIsNotThereIsAnError) {
  const auto machine = Machine::open();
  EXPECT_FALSE(machine->cgroup_memory("/no/such/cgroup"));
}

TEST(MachineCgroup, MemoryAvailableIsThatOfTheMachine) {
  const auto machine = Machine::open();
  const auto bytes = machine->memory_available();
  ASSERT_TRUE(bytes);
  EXPECT_GT(*bytes, 1U << 20);
}

}  // namespace
}  // namespace knell::live
