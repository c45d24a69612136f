#include "knell/live/proc_cgroup.hpp"

#include "any_bytes.hpp"

namespace knell::live {
namespace {

TEST(ProcCgroup, OnAMachineWithVersionTwoItIsTheOnlyLine) {
  const ProcCgroup cgroup = parse_cgroup("0::/system.slice/nginx.service\n");
  EXPECT_EQ(cgroup.path, "/system.slice/nginx.service");
  EXPECT_EQ(cgroup.v2, "/system.slice/nginx.service");
  EXPECT_EQ(cgroup.freezer, "");
}

TEST(ProcCgroup, VersionTwoSaysMoreThanVersionOneUnlessItIsTheRoot) {
  EXPECT_EQ(parse_cgroup("3:name=systemd:/one\n0::/two\n").path, "/two");
  EXPECT_EQ(parse_cgroup("3:name=systemd:/one\n0::/\n").path, "/one");
}

TEST(ProcCgroup, OfVersionOneTheOneThatTellsMostIsTaken) {
  EXPECT_EQ(parse_cgroup("9:memory:/m\n8:pids:/p\n7:freezer:/f\n6:cpu,cpuacct:/c\n0::/\n").path,
            "/f");
  EXPECT_EQ(parse_cgroup("9:memory:/m\n8:pids:/p\n7:freezer:/\n0::/\n").path, "/p");
  EXPECT_EQ(parse_cgroup("9:memory:/m\n6:cpu,cpuacct:/c\n0::/\n").path, "/m");
  EXPECT_EQ(parse_cgroup("6:cpu,cpuacct:/c\n").path, "/c");
  EXPECT_EQ(parse_cgroup("6:cpu,cpuacct:/\n7:freezer:/\n").path, "/");
  EXPECT_EQ(parse_cgroup("7:freezer:/f\n0::/\n").freezer, "/f");
}

// Of a controller that v1 has, v2 knows nothing: cgroups(7).
TEST(ProcCgroup, MemoryIsCountedByVersionOneWhereItsControllerIsMounted) {
  EXPECT_EQ(parse_cgroup("9:memory:/m\n0::/two\n").memory, "/m");
  EXPECT_EQ(parse_cgroup("9:memory:/\n0::/two\n").memory, "/");
  EXPECT_EQ(parse_cgroup("8:pids:/p\n0::/two\n").memory, "/two");
  EXPECT_EQ(parse_cgroup("8:pids:/p\n").memory, "");
}

TEST(ProcCgroup, APathMayHoldColonsAndBlanks) {
  EXPECT_EQ(parse_cgroup("0::/a:b c\n").path, "/a:b c");
}

TEST(ProcCgroup, ARemovedCgroupKeepsItsName) {
  EXPECT_EQ(parse_cgroup("0::/gone (deleted)\n").path, "/gone");
}

TEST(ProcCgroup, WithoutCgroupsThereIsNoPath) {
  EXPECT_EQ(parse_cgroup("").path, "");
}

TEST(ProcCgroup, NoBytesUpsetIt) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *test::mangled({"0::", "/", "\n", ":", "1:name=systemd:", "2:freezer:/x"});
    const ProcCgroup cgroup = parse_cgroup(text);
    RC_ASSERT(cgroup.path.empty() || cgroup.path[0] == '/');
  }));
}

}  // namespace
}  // namespace knell::live
