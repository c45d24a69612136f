#include "knell/live/mountinfo.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "any_bytes.hpp"
#include "knell/live/proc_fs.hpp"

namespace knell::live {
namespace {

TEST(Mountinfo, AnyNumberOfOptionalFieldsStandsBeforeTheHyphen) {
  const std::vector<Mount> expected{{.device = makedev(98, 0),
                                     .root = "/mnt1",
                                     .point = "/a b",
                                     .type = "ext3",
                                     .options = "rw,errors=continue"}};
  const std::string behind = " - ext3 /dev/root rw,errors=continue\n";
  EXPECT_EQ(parse_mountinfo("36 35 98:0 /mnt1 /a\\040b rw,noatime" + behind), expected);
  EXPECT_EQ(parse_mountinfo("36 35 98:0 /mnt1 /a\\040b rw master:1 shared:2" + behind), expected);
}

TEST(Mountinfo, OptionsAreFoundByTheirWholeName) {
  const Mount mount{.options = "rw,freezer,name=systemd,hidepid=2"};
  EXPECT_TRUE(has_option(mount, "freezer"));
  EXPECT_FALSE(has_option(mount, "free"));
  EXPECT_EQ(option(mount, "name"), "systemd");
  EXPECT_EQ(option(mount, "gid"), "");
}

// hidepid_show of fs/proc/root.c prints words since Linux 5.8, numbers before.
TEST(Mountinfo, HidepidIsANumberOrAWord) {
  EXPECT_EQ(hidepid({.options = "rw"}), 0);
  EXPECT_EQ(hidepid({.options = "rw,hidepid=2"}), 2);
  EXPECT_EQ(hidepid({.options = "rw,hidepid=off"}), 0);
  EXPECT_EQ(hidepid({.options = "rw,hidepid=noaccess"}), 1);
  EXPECT_EQ(hidepid({.options = "rw,hidepid=invisible"}), 2);
  EXPECT_EQ(hidepid({.options = "rw,hidepid=ptraceable"}), 4);
}

TEST(Mountinfo, OfThisMachineHasProcByItsDevice) {
  ProcReader proc(AT_FDCWD);
  const auto text = proc.whole("/proc/self/mountinfo");
  ASSERT_TRUE(text);
  const auto mounts = parse_mountinfo(*text);
  struct stat about{};
  ASSERT_EQ(stat("/proc", &about), 0);
  const auto found = std::ranges::find(mounts, about.st_dev, &Mount::device);
  ASSERT_NE(found, mounts.end());
  EXPECT_EQ(found->type, "proc");
}

TEST(Mountinfo, NoBytesUpsetIt) {
  EXPECT_TRUE(rc::check([] {
    const auto text =
        *test::mangled({"36 35 98:0 ", "/a\\040b ", "rw ", "- ", "proc ", "\n", "\\"});
    for (const Mount& mount : parse_mountinfo(text)) RC_ASSERT(hidepid(mount) == 0);
  }));
}

}  // namespace
}  // namespace knell::live
