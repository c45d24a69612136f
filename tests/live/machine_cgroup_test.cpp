// Where processes belong, and who is frozen there: with cgroups of the test's own, where it may
// make them.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "gtest/gtest.h"
#include "in_child.hpp"
#include "knell/live/machine.hpp"
#include "knell/live/mountinfo.hpp"
#include "knell/live/proc_fs.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::eventually;
namespace behaviour = knell::test::behaviour;

/// A cgroup of the test's own below the root of a hierarchy; empty again when it goes.
class OwnCgroup {
public:
  static std::optional<std::string> root(std::string_view type, std::string_view controller) {
    ProcReader proc(AT_FDCWD);
    const auto text = proc.whole("/proc/self/mountinfo");
    for (const Mount& mount : parse_mountinfo(text.value_or("")))
      if (mount.type == type && (controller.empty() || has_option(mount, controller)))
        return mount.point;
    return std::nullopt;
  }

  explicit OwnCgroup(std::string root)
      : name_("/knell-test-" + std::to_string(getpid())), path_(std::move(root) + name_) {
    made_ = mkdir(path_.c_str(), 0755) == 0;
  }
  OwnCgroup(const OwnCgroup&) = delete;
  OwnCgroup& operator=(const OwnCgroup&) = delete;
  ~OwnCgroup() {
    EXPECT_TRUE(!made_ || eventually([&] { return rmdir(path_.c_str()) == 0; }));
  }

  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool write(const std::string& file, const std::string& text) const {
    std::ofstream out(path_ + "/" + file);
    out << text;
    return static_cast<bool>(out.flush());
  }
  [[nodiscard]] bool says(const std::string& file, const std::string& line) const {
    std::ifstream in(path_ + "/" + file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return text.find(line) != std::string::npos;
  }

private:
  std::string name_;
  std::string path_;
  bool made_ = false;
};

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
  auto root = OwnCgroup::root("cgroup", "memory");
  if (!root) root = OwnCgroup::root("cgroup2", "");
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
