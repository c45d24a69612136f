/// `knell run` where something is missing or against it.

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "run_command.hpp"
#include "support/own_cgroup.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {
namespace {

/// Whom no other test runs as: its processes are counted.
constexpr uid_t kCounted = kStranger + 7;

/// Under AddressSanitizer: its search for leaks needs a process of its own.
void without_search_for_leaks() {
  ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
}

void become_counted(rlim_t most) {
  without_search_for_leaks();
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  if (::setrlimit(RLIMIT_NPROC, &limit) != 0 || ::setresgid(kCounted, kCounted, kCounted) != 0 ||
      ::setresuid(kCounted, kCounted, kCounted) != 0)
    ::_exit(99);
}

void hide_proc() {
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("none", "/proc", "tmpfs", MS_RDONLY, nullptr) != 0)
    ::_exit(99);
}

class RunInTrouble : public Run {};

TEST_P(RunInTrouble, WithoutProc) {
  if (kSanitized) GTEST_SKIP() << "AddressSanitizer needs /proc itself";
  if (!is_root()) GTEST_SKIP() << "skipped: needs root to mount over /proc";
  const std::string time = own_sleep();
  const Ran ran = in({"--grace", "0.2", "--", "sh", "-c",
                      "trap '' TERM; setsid sh -c 'sleep " + time + " & sleep " + time +
                          "' & sleep " + time + " & exit 3"},
                     {.before = hide_proc});
  ASSERT_NE(ran.status, 99) << "no mount namespace";
  EXPECT_THAT(with_argument(time), testing::IsEmpty()) << ran.err;
  if (GetParam() == std::string("subreaper")) {
    EXPECT_EQ(ran.status, 3) << ran.err;
    return;
  }
  EXPECT_EQ(ran.status, 125) << "which cgroup it is in, and who the command is, only /proc tells";
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("/proc"));
}

TEST(RunWithoutProc, IsAsASubreaper) {
  if (kSanitized) GTEST_SKIP() << "AddressSanitizer needs /proc itself";
  if (!is_root()) GTEST_SKIP() << "skipped: needs root to mount over /proc";
  const Ran ran = knell({"run", "--verbose", "sh", "-c", "exit 3"}, {.before = hide_proc});
  ASSERT_NE(ran.status, 99) << "no mount namespace";
  EXPECT_EQ(ran.status, 3) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("subreaper"));
}

TEST_P(RunInTrouble, ASecondTermHurries) {
  const TemporaryDirectory directory;
  const std::string ready = directory.path() / "ready";
  const std::string told = directory.path() / "told";
  Place place;
  place.meanwhile = [&](pid_t program) {
    EXPECT_TRUE(eventually([&] { return fs::exists(ready); }));
    ::kill(program, SIGTERM);
    EXPECT_TRUE(eventually([&] { return fs::exists(told); }));
    ::kill(program, SIGTERM);
    EXPECT_TRUE(eventually([&] { return state_letter(program) == 'Z'; })) << "it waits for an hour";
    ::kill(program, SIGKILL);
  };
  // The command ends by the first; what it leaves behind takes note of it and stays.
  const Ran ran =
      in({"--grace", "1h", "--", "sh", "-c",
          fmt::format("sh -c 'trap \": >{}\" TERM; : >{}; while :; do sleep 0.01; done' & wait",
                      told, ready)},
         place);
  EXPECT_EQ(ran.status, 128 + SIGTERM) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("had to be killed"));
}

/// Everybody started takes the mark as $0, so that it is found.
Ran in_a_tree(const char* enclosure, const std::string& script, const std::string& mark) {
  const Words words{"--grace", "0.2", "--", "sh", "-c", "trap '' TERM; " + script, mark};
  return knell(run_words(enclosure, words));
}

TEST_P(RunInTrouble, ADeepTreeIsEnded) {
  const TemporaryDirectory directory;
  const std::string made = directory.path() / "made";
  ASSERT_EQ(::mkfifo(made.c_str(), 0600), 0);
  const std::string mark = own_sleep();
  const Ran ran = in_a_tree(
      GetParam(),
      "export made=" + made +
          R"( down='[ $1 = 0 ] && echo >$made; [ $1 = 0 ] || sh -c "$down" $0 $(($1 - 1)) & wait
          while :; do sleep 600; done'; sh -c "$down" $0 999 & read done <$made; exit 3)",
      mark);
  EXPECT_EQ(ran.status, 3) << ran.err;
  EXPECT_THAT(ran.err, testing::ContainsRegex("1[0-9][0-9][0-9] processes had to be killed"));
  EXPECT_THAT(with_argument(mark), testing::IsEmpty());
}

TEST_P(RunInTrouble, AWideTreeIsEnded) {
  const std::string mark = own_sleep();
  const Ran ran = in_a_tree(
      GetParam(), "i=0; while [ $i -lt 2000 ]; do sleep " + mark + " & i=$((i + 1)); done; exit 3",
      mark);
  EXPECT_EQ(ran.status, 3) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("2000 processes had to be killed"));
  EXPECT_THAT(with_argument(mark), testing::IsEmpty());
}

TEST_P(RunInTrouble, NoMoreProcesses) {
  if (!is_root()) GTEST_SKIP() << "skipped: needs root to become a user who has no other process";
  const Ran ran = in({"true"}, {.before = [] { become_counted(1); }});
  if (ran.status == 99) GTEST_SKIP() << "skipped: no other user to become";
  EXPECT_EQ(ran.status, 125);
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1) << ran.err;
  const bool own_reason = GetParam() == std::string("cgroup");  // it is not this user's to make
  EXPECT_THAT(ran.err, HasSubstr(::strerror(own_reason ? EACCES : EAGAIN)));
}

INSTANTIATE_TEST_SUITE_P(Each, RunInTrouble, testing::Values("cgroup", "namespace", "subreaper"),
                         [](const auto& each) { return std::string(each.param); });

TEST(RunWithFewProcesses, TheEnclosureThatNeedsNoMoreIsTaken) {
  if (!is_root()) GTEST_SKIP() << "skipped: needs root to become a user who has no other process";
  const Ran one = knell({"run", "true"}, {.before = [] { become_counted(1); }});
  if (one.status == 99) GTEST_SKIP() << "skipped: no other user to become";
  EXPECT_EQ(one.status, 125);
  EXPECT_EQ(std::ranges::count(one.err, '\n'), 1) << one.err;
  EXPECT_THAT(one.err, HasSubstr(::strerror(EAGAIN)));
  // A namespace needs an init beside the command.
  const Ran two = knell({"run", "sh", "-c", "exit 3"}, {.before = [] { become_counted(2); }});
  EXPECT_EQ(two.status, 3) << two.err;
}

TEST(RunInACgroup, WhoLeavesItIsEndedStill) {
  const auto root = OwnCgroup::root("cgroup2", "");
  if (!root || !is_root()) GTEST_SKIP() << "skipped: needs root and a cgroup v2 mounted";
  const OwnCgroup other(*root);
  if (!other.made()) GTEST_SKIP() << "skipped: no cgroup can be made here";
  const std::string time = own_sleep();
  const Ran ran = knell(run_words(
      "cgroup", {"--grace", "0.2", "--", "sh", "-c",
                 fmt::format("trap '' TERM; sleep {1} & echo $$ >{0}/cgroup.procs; "
                             "sleep {1} & setsid sleep {1} & cat /proc/self/cgroup; exit 3",
                             *root + other.name(), time)}));
  if (ran.status == 125) GTEST_SKIP() << "skipped: not permitted here: " << ran.err;
  EXPECT_EQ(ran.status, 3) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("0::" + other.name() + "\n")) << "it has left";
  EXPECT_THAT(ran.err, HasSubstr("3 processes had to be killed"));
  EXPECT_THAT(with_argument(time), testing::IsEmpty());
}

/// Of its own, as cgroup.kill leaves it, or shared, as kill(2) does.
bool has_kill_pending(pid_t pid) {
  std::istringstream lines(whole("/proc/" + std::to_string(pid) + "/status"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("SigPnd:\t") || line.starts_with("ShdPnd:\t"))
      if ((std::stoull(line.substr(8), nullptr, 16) >> (SIGKILL - 1) & 1U) != 0) return true;
  return false;
}

/// What the command leaves behind is in a frozen group of the v1 freezer: SIGKILL waits until that
/// is thawed (__refrigerator of kernel/freezer.c).
class RunFrozen : public Run {
protected:
  void SetUp() override {
    Run::SetUp();
    if (IsSkipped()) return;
    const auto root = OwnCgroup::root("cgroup", "freezer");
    if (root && is_root()) group_.emplace(*root);
    if (!group_ || !group_->made()) GTEST_SKIP() << "skipped: needs root and a v1 freezer";
    path_ = *root + group_->name();
  }

  /// `frozen` is called once it is.
  Ran run_in_it(const std::function<void()>& frozen) {
    Place place;
    place.meanwhile = [&](pid_t) {
      EXPECT_TRUE(eventually([&] { return fs::exists(directory_.path() / "ready"); }));
      EXPECT_TRUE(group_->write("freezer.state", "FROZEN"));
      EXPECT_TRUE(eventually([&] { return is_frozen(); }));
      std::ofstream(directory_.path() / "go");
      frozen();
    };
    // The command itself stays outside, and ends once the group is frozen.
    return in(
        {"--grace", "0.1", "--", "sh", "-c",
         fmt::format(
             "sh -c 'trap \"\" TERM; echo $$ >{0}/cgroup.procs; : >{1}/ready; exec sleep {2}' & "
             "until [ -e {1}/go ]; do sleep 0.01; done; exit 3",
             path_, directory_.path().string(), time_)},
        place);
  }
  [[nodiscard]] bool is_frozen() const { return group_->says("freezer.state", "FROZEN\n"); }
  [[nodiscard]] std::vector<pid_t> in_the_group() const {
    std::istringstream numbers(whole(path_ + "/cgroup.procs"));
    return {std::istream_iterator<pid_t>(numbers), {}};
  }
  [[nodiscard]] bool one_was_killed() const {
    return std::ranges::any_of(in_the_group(), has_kill_pending);
  }

  TemporaryDirectory directory_;
  std::optional<OwnCgroup> group_;
  std::string path_;
  std::string time_ = own_sleep();
};

TEST_P(RunFrozen, AGroupOfTheCommandsIsThawed) {
  const Ran ran = run_in_it([] {});
  EXPECT_EQ(ran.status, 3) << ran.err;
  EXPECT_THAT(in_the_group(), testing::IsEmpty());
  EXPECT_THAT(ran.err, Not(HasSubstr("lives on")));
}

TEST_P(RunFrozen, AGroupThatHoldsOthersStaysFrozen) {
  const Child other(behaviour::sleeping());
  ASSERT_TRUE(group_->write("cgroup.procs", number(other)));
  const Ran ran = run_in_it([&] {
    EXPECT_TRUE(eventually([&] { return one_was_killed(); }));
    ::usleep(300'000);  // some more rounds of SIGKILL
    EXPECT_TRUE(is_frozen());
    EXPECT_TRUE(group_->write("freezer.state", "THAWED"));
  });
  EXPECT_EQ(ran.status, 3) << ran.err;
  EXPECT_THAT(in_the_group(), testing::ElementsAre(other.pid()));
}

INSTANTIATE_TEST_SUITE_P(Each, RunFrozen, testing::Values("cgroup", "namespace", "subreaper"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace knell::test
