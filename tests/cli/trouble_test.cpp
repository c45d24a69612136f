/// Knell itself in trouble: a clear error, and never half a plan shown as whole or acted upon.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <fstream>

#include "knell.hpp"

namespace knell::test {
namespace {

void to(const char* path) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || ::dup2(fd, STDOUT_FILENO) < 0) ::_exit(126);
}

void to_closed_pipe() {
  int ends[2];
  if (::pipe(ends) != 0 || ::dup2(ends[1], STDOUT_FILENO) < 0) ::_exit(126);
  ::close(ends[0]);
  ::close(ends[1]);
}

void limit_files(rlim_t count) {
  const rlimit limit{count, count};
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::_exit(126);
}

/// A mount namespace of its own, in which mounts reach nobody else.
bool own_mounts() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

TEST(Trouble, AFullDiskIsSaidAndAPlanIsNoPlan) {
  Child child(behaviour::sleeping());
  const Ran ran = knell({"plan", number(child)}, {.before = [] { to("/dev/full"); }});
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("No space left on device"));
}

TEST(Trouble, NothingIsSignalledByAPlanThatCouldNotBeShown) {
  Child child(behaviour::sleeping());
  for (const std::function<void()>& before :
       {std::function<void()>([] { to("/dev/full"); }), std::function<void()>(to_closed_pipe)}) {
    const Ran ran = knell({"kill", "--now", number(child)}, {.before = before});
    EXPECT_EQ(ran.status, 5);
    EXPECT_THAT(ran.err, HasSubstr("nothing was signalled"));
    EXPECT_TRUE(child.lives());
  }
}

TEST(Trouble, TooFewDescriptorsIsAnErrorNotAPart) {
  Child parent(behaviour::having_children(30));
  ASSERT_EQ(children_of(parent, 30).size(), 30U);
  const Ran ran = knell({"kill", "--now", number(parent)}, {.before = [] { limit_files(12); }});
  EXPECT_EQ(ran.status, 5) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr("Too many open files"));
  EXPECT_TRUE(parent.lives());
}

TEST(Trouble, NoDescriptorAtAllIsAnErrorToo) {
  if (kSanitized) GTEST_SKIP() << "AddressSanitizer needs descriptors itself";
  Child child(behaviour::sleeping());
  for (rlim_t count = 4; count < 9; ++count) {  // with 3 not even the C library can be loaded
    const Ran ran =
        knell({"kill", "--now", number(child)}, {.before = [count] { limit_files(count); }});
    EXPECT_TRUE(ran.status == 5 || ran.status == 0) << ran.status << ran.err;
    if (ran.status == 5) {
      EXPECT_THAT(ran.err, HasSubstr("Too many open files"));
      EXPECT_TRUE(child.lives());
    }
  }
}

TEST(Trouble, AProcThatHidesOthersIsSaidOnce) {
  if (!is_root()) GTEST_SKIP() << "needs root to mount";
  Child mine(behaviour::as_user(kStranger, behaviour::sleeping()));
  Child others(behaviour::sleeping());
  const auto hidden = [] {
    if (!own_mounts() || ::mount("proc", "/proc", "proc", 0, "hidepid=2") != 0) ::_exit(125);
    become_stranger();
  };
  Ran ran = knell({"plan", number(mine)}, {.before = hidden});
  if (ran.status == 125) GTEST_SKIP() << "cannot mount proc here";
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("hidepid"));
  ran = knell({"plan", number(others)}, {.before = hidden});
  EXPECT_EQ(ran.status, 1) << "not visible, so not there";
}

TEST(Trouble, WithoutCgroupsItWorksAsWell) {
  if (!is_root()) GTEST_SKIP() << "needs root to mount";
  Child child(behaviour::sleeping());
  const Ran ran = knell({"kill", number(child)}, {.before = [] {
                          if (!own_mounts() || ::mount("none", "/sys", "tmpfs", 0, nullptr) != 0)
                            ::_exit(125);
                        }});
  if (ran.status == 125) GTEST_SKIP() << "cannot mount here";
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_EQ(child.wait(), WaitStatus::killed(signals::kTerm));
}

TEST(Trouble, WithoutProcThereIsNoPlan) {
  if (kSanitized) GTEST_SKIP() << "AddressSanitizer needs /proc itself";
  if (!is_root()) GTEST_SKIP() << "needs root to mount";
  const Ran ran = knell({"plan", "1"}, {.before = [] {
                          if (!own_mounts() || ::mount("none", "/proc", "tmpfs", 0, nullptr) != 0)
                            ::_exit(125);
                        }});
  if (ran.status == 125) GTEST_SKIP() << "cannot mount here";
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("/proc"));
}

TEST(Trouble, AnInterruptedKillStopsAndStillTellsTheTruth) {
  Child child(behaviour::ignoring(SIGTERM));
  Place place;
  place.meanwhile = [&](pid_t program) {
    // TERM has reached the child: knell waits now. SIGTERM is ignored, so this shows elsewhere:
    // knell has blocked SIGINT for its signalfd.
    const bool waiting = eventually([&] {
      std::ifstream status("/proc/" + std::to_string(program) + "/status");
      for (std::string line; std::getline(status, line);)
        if (line.starts_with("SigBlk:"))
          return (std::stoull(line.substr(7), nullptr, 16) & (1U << (SIGINT - 1))) != 0;
      return false;
    });
    ASSERT_TRUE(waiting);
    ::kill(program, SIGINT);
  };
  const Ran ran = knell({"kill", "--steps", "TERM:60s,KILL", number(child)}, place);
  EXPECT_EQ(ran.status, 3) << ran.out;
  EXPECT_TRUE(child.lives());
  EXPECT_THAT(ran.out, HasSubstr("survived: 1 of 1"));
}

}  // namespace
}  // namespace knell::test
