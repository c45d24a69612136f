#include "knell/live/units.hpp"

#include <pwd.h>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "knell/live/unit_file.hpp"
#include "support/temporary_directory.hpp"

namespace knell::live {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// A machine's unit folders, in a folder of the test's own.
struct Units : testing::Test {
  test::TemporaryDirectory directory;
  Roots roots;

  Units() {
    for (std::string& root : roots.units) root = directory.path().string() + root;
  }
  void write(const std::string& path, const std::string& text) {
    const fs::path file = directory.path().string() + path;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  void link(const std::string& path, const std::string& to) {
    const fs::path file = directory.path().string() + path;
    fs::create_directories(file.parent_path());
    fs::create_symlink(to, file);
  }
  SystemdUnit unit(const std::string& cgroup) {
    const std::vector<std::string> cgroups{cgroup};
    const std::vector<SystemdUnit> units = units_of(roots, cgroups);
    EXPECT_EQ(units.size(), 1U) << cgroup;
    return units.empty() ? SystemdUnit{} : units[0];
  }
  std::string restart(const std::string& name) { return unit("/system.slice/" + name).restart; }
  Names triggers(const std::string& name) { return unit("/system.slice/" + name).triggered_by; }
};

TEST_F(Units, AreTheInnermostServiceOrScopeOfACgroup) {
  const std::vector<std::string> cgroups = {
      "/system.slice/nginx.service",
      "/system.slice/nginx.service/workers",
      "/user.slice/user-1000.slice/session-2.scope",
      "/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service",
      "/user.slice/user-1000.slice/user@1000.service/init.scope",
      "/system.slice",
      "/",
      "",
      "no/slash.service",
      "/docker/0123abcd"};
  const std::vector<SystemdUnit> units = units_of(roots, cgroups);
  Names names, owned;
  for (const SystemdUnit& each : units) {
    names.push_back(each.name);
    owned.push_back(each.cgroup);
    EXPECT_EQ(each.restart, "no");
  }
  EXPECT_EQ(names, (Names{"nginx.service", "session-2.scope", "foo.service", "init.scope",
                          "slash.service"}));
  EXPECT_EQ(
      owned,
      (Names{"/system.slice/nginx.service", "/user.slice/user-1000.slice/session-2.scope",
             "/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service",
             "/user.slice/user-1000.slice/user@1000.service/init.scope", "no/slash.service"}));
}

TEST_F(Units, RestartAsTheirFileSays) {
  write("/usr/lib/systemd/system/a.service", "[Unit]\nRestart=no\n[Service]\nRestart=on-failure\n");
  write("/usr/lib/systemd/system/b.service", "[Service]\nExecStart=/bin/b\n");
  EXPECT_EQ(restart("a.service"), "on-failure");
  EXPECT_EQ(restart("b.service"), "no");
  EXPECT_EQ(restart("without-file.service"), "no");
}

TEST_F(Units, AreReadFromTheFirstFolderThatHasThem) {
  write("/usr/lib/systemd/system/a.service", "[Service]\nRestart=always\n");
  write("/lib/systemd/system/a.service", "[Service]\nRestart=on-abort\n");
  EXPECT_EQ(restart("a.service"), "always");
  write("/run/systemd/system/a.service", "[Service]\nRestart=on-failure\n");
  EXPECT_EQ(restart("a.service"), "on-failure");
  write("/etc/systemd/system/a.service", "[Service]\n");
  EXPECT_EQ(restart("a.service"), "no") << "the files are not added up";
}

TEST_F(Units, MayBeTransientOrGenerated) {
  write("/run/systemd/transient/run-u7.service", "[Service]\nRestart=always\n");
  write("/run/systemd/generator.late/old.service", "[Service]\nRestart=on-failure\n");
  fs::create_directories(roots.units[1]);
  EXPECT_EQ(restart("run-u7.service"), "always");
  EXPECT_EQ(restart("old.service"), "on-failure");
  write("/etc/systemd/system/run-u7.service", "[Service]\nRestart=no\n");
  EXPECT_EQ(restart("run-u7.service"), "always") << "transient units come first";
}

TEST_F(Units, OfATemplateAreReadFromIt) {
  write("/lib/systemd/system/getty@.service", "[Service]\nRestart=always\n");
  EXPECT_EQ(restart("getty@tty1.service"), "always");
  EXPECT_EQ(restart("getty@a@b.service"), "always");
  write("/usr/lib/systemd/system/getty@tty2.service", "[Service]\nRestart=on-abort\n");
  EXPECT_EQ(restart("getty@tty2.service"), "on-abort") << "an instance may have its own file";
  EXPECT_EQ(restart("getty.service"), "no");
}

TEST_F(Units, AreOverriddenByDropInsInTheOrderOfTheirNames) {
  write("/etc/systemd/system/a.service", "[Service]\nRestart=no\n");
  write("/lib/systemd/system/a.service.d/20-x.conf", "[Service]\nRestart=always\n");
  EXPECT_EQ(restart("a.service"), "always") << "a package's drop-in overrides any file";
  write("/etc/systemd/system/a.service.d/10-x.conf", "[Service]\nRestart=on-abort\n");
  EXPECT_EQ(restart("a.service"), "always") << "20 comes after 10, whatever folder it is in";
  write("/run/systemd/system/a.service.d/30-x.conf", "[Service]\nRestart=on-failure\n");
  EXPECT_EQ(restart("a.service"), "on-failure");
  write("/etc/systemd/system/a.service.d/99-x.txt", "[Service]\nRestart=on-abort\n");
  EXPECT_EQ(restart("a.service"), "on-failure") << "only .conf counts";
}

TEST_F(Units, HaveDropInsReplacedByThoseOfTheSameNameInAnEarlierFolder) {
  write("/lib/systemd/system/a.service", "[Service]\nRestart=on-failure\n");
  write("/lib/systemd/system/a.service.d/10.conf", "[Service]\nRestart=always\n");
  EXPECT_EQ(restart("a.service"), "always");
  link("/etc/systemd/system/a.service.d/10.conf", "/dev/null");
  EXPECT_EQ(restart("a.service"), "on-failure");
}

TEST_F(Units, ShareDropInsWithTheirTemplateTheirPrefixAndTheirKind) {
  write("/lib/systemd/system/foo-bar@.service", "[Service]\n");
  write("/etc/systemd/system/service.d/10.conf", "[Service]\nRestart=on-abort\n");
  EXPECT_EQ(restart("foo-bar@x.service"), "on-abort");
  write("/lib/systemd/system/foo-.service.d/10.conf", "[Service]\nRestart=on-watchdog\n");
  EXPECT_EQ(restart("foo-bar@x.service"), "on-watchdog");
  write("/lib/systemd/system/foo-bar@.service.d/10.conf", "[Service]\nRestart=on-success\n");
  EXPECT_EQ(restart("foo-bar@x.service"), "on-success");
  write("/lib/systemd/system/foo-bar@x.service.d/10.conf", "[Service]\nRestart=always\n");
  EXPECT_EQ(restart("foo-bar@x.service"), "always");
}

TEST_F(Units, ThatAreMaskedAreAsIfTheyHadNoFile) {
  write("/lib/systemd/system/a.service", "[Service]\nRestart=always\n");
  link("/etc/systemd/system/a.service", "/dev/null");
  EXPECT_EQ(restart("a.service"), "no");
  write("/lib/systemd/system/b.service", "[Service]\nRestart=always\n");
  write("/etc/systemd/system/b.service", "");
  EXPECT_EQ(restart("b.service"), "no");
}

TEST_F(Units, FilesThatAreLinksAreFollowedAndLostLinksPassedOver) {
  write("/opt/product/a.service", "[Service]\nRestart=always\n");
  link("/etc/systemd/system/a.service", directory.path().string() + "/opt/product/a.service");
  EXPECT_EQ(restart("a.service"), "always");
  link("/etc/systemd/system/b.service", "/nowhere/b.service");
  write("/lib/systemd/system/b.service", "[Service]\nRestart=on-abort\n");
  EXPECT_EQ(restart("b.service"), "on-abort");
}

TEST_F(Units, FilesThatAreNoFilesAreNotWaitedFor) {
  fs::create_directories(roots.units[0] + "/folder.service");
  ASSERT_EQ(mkfifo((roots.units[0] + "/fifo.service").c_str(), 0600), 0);
  EXPECT_EQ(restart("folder.service"), "no");
  EXPECT_EQ(restart("fifo.service"), "no");
}

TEST_F(Units, OfAUsersManagerHaveTheUsersFiles) {
  write("/usr/lib/systemd/system/dbus.service", "[Service]\nRestart=always\n");
  write("/usr/lib/systemd/user/dbus.service", "[Service]\nRestart=on-failure\n");
  const std::string managed = "/user.slice/user-1000.slice/user@1000.service/session.slice/";
  EXPECT_EQ(unit(managed + "dbus.service").restart, "on-failure");
  EXPECT_EQ(restart("dbus.service"), "always");
  write("/etc/systemd/user/dbus.service", "[Service]\nRestart=on-abort\n");
  EXPECT_EQ(unit(managed + "dbus.service").restart, "on-abort");
  write("/run/systemd/system/x.service", "[Service]\n");
  write("/run/user/1000/systemd/transient/dbus.service", "[Service]\nRestart=on-success\n");
  EXPECT_EQ(unit(managed + "dbus.service").restart, "on-success");
}

TEST_F(Units, OfAUserMayBeInTheHomeDirectory) {
  const passwd* user = getpwuid(getuid());
  if (user == nullptr) GTEST_SKIP() << "this user has no entry in the user database";
  const std::string uid = std::to_string(getuid());
  write(std::string(user->pw_dir) + "/.config/systemd/user/mine.service",
        "[Service]\nRestart=always\n");
  EXPECT_EQ(
      unit("/user.slice/user-" + uid + ".slice/user@" + uid + ".service/mine.service").restart,
      "always");
}

TEST_F(Units, OfAContainerAreNotTakenForTheMachines) {
  write("/usr/lib/systemd/system/nginx.service", "[Service]\nRestart=always\n");
  EXPECT_EQ(restart("nginx.service"), "always");
  for (const std::string outer :
       {"/system.slice/docker-0123.scope", "/machine.slice/systemd-nspawn@c.service/payload",
        "/user.slice/user-0.slice/user@0.service/app.slice/podman-1.scope"}) {
    const SystemdUnit inside = unit(outer + "/system.slice/nginx.service");
    EXPECT_EQ(inside.name, "nginx.service");
    EXPECT_EQ(inside.restart, "no") << outer;
  }
}

TEST_F(Units, AreTriggeredByTheirEnabledNamesakes) {
  for (const std::string ending : {"socket", "timer", "path"}) {
    write("/lib/systemd/system/a." + ending, "[Unit]\nDescription=x\n");
    write("/lib/systemd/system/b." + ending, "[Unit]\nDescription=x\n");
    link("/etc/systemd/system/" + ending + "s.target.wants/a." + ending, "/anywhere");
  }
  EXPECT_EQ(triggers("a.service"), (Names{"a.path", "a.socket", "a.timer"}));
  EXPECT_EQ(triggers("b.service"), Names{}) << "not enabled";
  EXPECT_EQ(triggers("c.service"), Names{});
}

TEST_F(Units, AreTriggeredByThoseThatNameThem) {
  write("/lib/systemd/system/listen.socket", "[Socket]\nListenStream=80\nService=web.service\n");
  write("/lib/systemd/system/nightly.timer", "[Timer]\nUnit=web.service\n");
  write("/lib/systemd/system/web.path", "[Path]\nUnit=other.service\n");
  link("/lib/systemd/system/sockets.target.wants/listen.socket", "../listen.socket");
  link("/run/systemd/system/timers.target.wants/nightly.timer", "/x");
  link("/etc/systemd/system/multi-user.target.wants/web.path", "/x");
  EXPECT_EQ(triggers("web.service"), (Names{"listen.socket", "nightly.timer"}));
  EXPECT_EQ(triggers("listen.service"), Names{}) << "its namesake starts another";
  EXPECT_EQ(triggers("other.service"), Names{"web.path"});
}

TEST_F(Units, AreNotTriggeredByWhatHasNoFileOrIsMasked) {
  link("/etc/systemd/system/sockets.target.wants/a.socket", "/gone");
  EXPECT_EQ(triggers("a.service"), Names{});
  write("/lib/systemd/system/a.socket", "[Socket]\n");
  EXPECT_EQ(triggers("a.service"), Names{"a.socket"});
  link("/etc/systemd/system/a.socket", "/dev/null");
  EXPECT_EQ(triggers("a.service"), Names{});
}

TEST_F(Units, OfATemplateAreTriggeredByASocketThatAccepts) {
  write("/lib/systemd/system/ssh.socket", "[Socket]\nAccept=Yes\n");
  link("/etc/systemd/system/sockets.target.wants/ssh.socket", "/x");
  EXPECT_EQ(triggers("ssh@4-10.0.0.1:22-10.0.0.2:9.service"), Names{"ssh.socket"});
  EXPECT_EQ(triggers("ssh.service"), Names{});
  write("/etc/systemd/system/ssh.socket.d/x.conf", "[Socket]\nAccept=no\n");
  EXPECT_EQ(triggers("ssh.service"), Names{"ssh.socket"});
}

TEST_F(Units, OfATemplateAreTriggeredByTheInstanceOfTheSameName) {
  write("/lib/systemd/system/scrub@.timer", "[Timer]\n");
  write("/lib/systemd/system/mail@.timer", "[Timer]\nUnit=send@%i.service\n");
  link("/etc/systemd/system/timers.target.wants/scrub@home.timer", "/x");
  link("/etc/systemd/system/timers.target.wants/mail@me.timer", "/x");
  EXPECT_EQ(triggers("scrub@home.service"), Names{"scrub@home.timer"});
  EXPECT_EQ(triggers("scrub@srv.service"), Names{});
  EXPECT_EQ(triggers("send@me.service"), Names{"mail@me.timer"});
}

TEST(UnitFile, IsSectionsAndAssignmentsWithBlanksAroundThemTakenOff) {
  std::vector<UnitSetting> settings;
  parse_unit_file(
      "lost=1\n# a comment\n; another\n\n  [A]  \r\n x = 1 \r\ny=a = b\nz=\n[B]\nno\n=no\n",
      settings);
  EXPECT_EQ(settings,
            (std::vector<UnitSetting>{{"A", "x", "1"}, {"A", "y", "a = b"}, {"A", "z", ""}}));
}

TEST(UnitFile, LinesThatEndInABackslashGoOn) {
  std::vector<UnitSetting> settings;
  parse_unit_file("[A]\nx=a\\\nb\\\n# not a part of it\n; nor this\nc\ny=1\\\\\nz=2\nend=3\\",
                  settings);
  EXPECT_EQ(settings,
            (std::vector<UnitSetting>{
                {"A", "x", "a b c"}, {"A", "y", "1\\\\"}, {"A", "z", "2"}, {"A", "end", "3"}}));
}

TEST(UnitFile, ARestartThatIsNoneIsPassedOver) {
  test::TemporaryDirectory directory;
  const Roots roots{.units = {directory.path().string()}};
  std::ofstream(directory.path() / "a.service")
      << "[Service]\nRestart=always\nRestart=sometimes\nRestart=\n";
  const std::vector<std::string> cgroups{"/a.service"};
  EXPECT_EQ(units_of(roots, cgroups).at(0).restart, "always");
}

TEST(UnitFile, AnyBytesAreRead) {
  const auto holds = rc::check("bytes", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::element('[', ']', '=', '\\', '\n', ' ', '#', 'a', '\0', '\xff', '\r'));
    std::vector<UnitSetting> settings;
    parse_unit_file(text, settings);
    for (const UnitSetting& setting : settings) {
      RC_ASSERT(setting.name.find('=') == std::string::npos);
      RC_ASSERT(setting.value.find('\n') == std::string::npos);
      RC_ASSERT(!setting.section.empty());
    }
    const auto name =
        *rc::gen::container<std::string>(rc::gen::element('@', '.', '-', 'a', '/', '\0', '\xff'));
    RC_ASSERT(drop_in_folders(name).front() == name + ".d");
  });
  EXPECT_TRUE(holds);
}

TEST(UnitFile, AnyCgroupHasAUnitOrNone) {
  test::TemporaryDirectory directory;
  const Roots roots{.units = {directory.path().string()}};
  const auto holds = rc::check("cgroups", [&] {
    const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "/", "a", ".service", ".scope", "user@", "1", "@", "..", "\xff", "\n", "-"));
    std::string cgroup;
    for (const std::string& part : parts) cgroup += part;
    const std::vector<std::string> cgroups{cgroup};
    for (const SystemdUnit& unit : units_of(roots, cgroups)) {
      RC_ASSERT(cgroup.starts_with(unit.cgroup));
      RC_ASSERT(unit.cgroup.ends_with(unit.name));
    }
  });
  EXPECT_TRUE(holds);
}

struct UnitCgroup : testing::Test {
  test::TemporaryDirectory directory;
  const std::string root = directory.path().string();
  void make(const std::string& path) { fs::create_directories(root + path); }
};

TEST_F(UnitCgroup, IsTheDirectoryWithTheUnitsName) {
  make("/system.slice/nginx.service/worker");
  make("/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service");
  EXPECT_EQ(unit_cgroup(root, "nginx.service"), "/system.slice/nginx.service");
  EXPECT_EQ(unit_cgroup(root, "system.slice"), "/system.slice");
  EXPECT_EQ(unit_cgroup(root, "foo.service"),
            "/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service");
}

TEST_F(UnitCgroup, IsTheLeastDeepOfSeveral) {
  make("/a.slice/docker-1.scope/system.slice/nginx.service");
  make("/system.slice/nginx.service");
  EXPECT_EQ(unit_cgroup(root, "nginx.service"), "/system.slice/nginx.service");
}

TEST_F(UnitCgroup, IsLookedForEightDeep) {
  make("/1/2/3/4/5/6/7/eighth.service/ninth.service");
  EXPECT_EQ(unit_cgroup(root, "eighth.service"), "/1/2/3/4/5/6/7/eighth.service");
  EXPECT_FALSE(unit_cgroup(root, "ninth.service"));
}

TEST_F(UnitCgroup, IsADirectoryAndNoLinkToOne) {
  make("/elsewhere/deep");
  fs::create_directory_symlink(root + "/elsewhere", root + "/link.service");
  fs::create_directory_symlink(root, root + "/elsewhere/loop");
  std::ofstream(root + "/file.service") << "x";
  EXPECT_FALSE(unit_cgroup(root, "link.service"));
  EXPECT_FALSE(unit_cgroup(root, "file.service"));
}

TEST_F(UnitCgroup, ThatIsNotThereIsAnErrorThatAsksWhetherTheUnitRuns) {
  make("/system.slice/nginx.service");
  for (const std::string unit :
       {"apache.service", "", ".", "..", "system.slice/nginx.service", "/", "nginx"}) {
    const auto cgroup = unit_cgroup(root, unit);
    ASSERT_FALSE(cgroup) << unit;
    EXPECT_EQ(cgroup.error().number, ENOENT);
    EXPECT_NE(cgroup.error().hint.find("is the unit running? no cgroup"), std::string::npos);
  }
  EXPECT_EQ(unit_cgroup("", "nginx.service").error().number, ENOENT);
  EXPECT_EQ(unit_cgroup(root + "/nowhere", "nginx.service").error().number, ENOENT);
}

}  // namespace
}  // namespace knell::live
