#include "knell/live/proc_fs.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "gtest/gtest.h"
#include "in_child.hpp"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/temporary_directory.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
namespace behaviour = knell::test::behaviour;

TEST(ProcFs, ADirectoryThatIsNoProcIsRefused) {
  const auto machine = Machine::open({.proc = "/usr"});
  ASSERT_FALSE(machine);
  EXPECT_NE(machine.error().message().find("/usr"), std::string::npos);
  EXPECT_FALSE(machine.error().hint.empty());
}

TEST(ProcFs, WithoutProcNothingIsKnown) {
  const auto machine = Machine::open({.proc = "/nowhere"});
  ASSERT_FALSE(machine);
  EXPECT_EQ(machine.error().number, ENOENT);
  EXPECT_FALSE(machine.error().hint.empty());
}

// Its numbers are not those that kill(2) would take here.
TEST(ProcFs, TheProcOfAnotherPidNamespaceIsRefused) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(unshare(CLONE_NEWPID) == 0);
              return test::in_child([] {
                       const auto machine = Machine::open();
                       KNELL_CHECK(!machine);
                       KNELL_CHECK(machine.error().hint.find("mount") != std::string::npos);
                       return true;
                     }) == 0;
            }),
            0);
}

TEST(ProcFs, ATextLongerThanTheBufferComesWhole) {
  const knell::test::TemporaryDirectory directory;
  const std::string path = directory.path() / "long";
  const std::string text(100'003, 'x');
  std::ofstream(path) << text;
  ProcReader reader(AT_FDCWD);
  EXPECT_EQ(reader.record(path.c_str()), text);
  EXPECT_EQ(reader.whole(path.c_str()), text);
}

TEST(ProcFs, ListsTheTestAmongTheProcesses) {
  auto proc = ProcFs::open("/proc");
  ASSERT_TRUE(proc);
  ProcReader reader(*proc);
  const auto listed = reader.directory(".");
  ASSERT_TRUE(listed);
  EXPECT_TRUE(std::ranges::is_sorted(listed->numbers));
  EXPECT_TRUE(std::ranges::binary_search(listed->numbers, getpid()));
}

TEST(ProcFs, PiecesOfTheListMakeUpTheWholeOfIt) {
  auto proc = ProcFs::open("/proc");
  ASSERT_TRUE(proc);
  const Child herd(behaviour::having_children(300));  // more than one piece holds
  auto list = ProcessList::open(*proc);
  ASSERT_TRUE(list);
  std::vector<Pid> all;
  int pieces = 0;
  for (auto piece = list->next(); piece && !piece->empty(); piece = list->next(), ++pieces)
    all.insert(all.end(), piece->begin(), piece->end());
  EXPECT_GT(pieces, 1);
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end()) << "twice";
  EXPECT_TRUE(std::ranges::binary_search(all, Pid(getpid())));
  EXPECT_TRUE(std::ranges::binary_search(all, herd.first_process().pid));
  EXPECT_TRUE(list->next()->empty()) << "the end stays the end";
}

TEST(ProcFs, LinksNameTheInodeOfTheirKind) {
  EXPECT_EQ(inode_in_link("socket:[4711]", "socket"), 4711U);
  EXPECT_EQ(inode_in_link("socket:[4711]", "pipe"), 0U);
  EXPECT_EQ(inode_in_link("/socket:[4711]", "socket"), 0U);
  EXPECT_EQ(inode_in_link("socket:[", "socket"), 0U);
  EXPECT_EQ(inode_in_link("socket:[]", "socket"), 0U);
}

TEST(ProcFs, PathsAreOfAProcessOrOfAThread) {
  EXPECT_STREQ(ProcPath(Pid(7), "stat").c_str(), "7/stat");
  EXPECT_STREQ(ProcPath(Pid(7), Pid(2147483647), "ns/pid").c_str(), "7/task/2147483647/ns/pid");
  const std::string longest(500, 'x');
  EXPECT_LT(std::string(ProcPath(Pid(7), longest).c_str()).size(), 128U);
}

}  // namespace
}  // namespace knell::live
