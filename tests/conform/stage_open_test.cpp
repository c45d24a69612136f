/// What a stage is to the machine it stands on: invisible, gone without a trace, and never alone.

#include <dirent.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "play.hpp"

namespace knell::test {
namespace {

class StageOpen : public StageTest {};

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

/// All that scenarios use of what a machine has names for.
void use_everything(Play& play) {
  const auto job = play.fork(kInit);
  play.fork(job);
  EXPECT_EQ(play.value(job, Sys::semop, {0, 1, 0}), 0);
  EXPECT_EQ(play.value(job, Sys::shmat), 0);
  EXPECT_EQ(play.value(job, Sys::open, {0}), 3);
  EXPECT_EQ(play.value(job, Sys::open_tty, {0}), 4);
}

TEST_F(StageOpen, NothingOfItIsSeenOrStays) {
  const auto seen_outside = [] {
    return contents("/proc/self/mountinfo") + contents("/proc/sysvipc/sem") +
           contents("/proc/sysvipc/shm");
  };
  {
    Play first;
  }  // the puppets' program stays in memory
  const std::string before = seen_outside();
  const std::size_t descriptors = open_descriptors();
  {
    Play play;
    use_everything(play);
    EXPECT_EQ(seen_outside(), before);
  }
  EXPECT_EQ(seen_outside(), before);
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG | __WALL), -1) << "a child is left";
}

TEST_F(StageOpen, StagesStandSideBySide) {
  Play one;
  Play two;
  use_everything(one);
  use_everything(two);
  EXPECT_EQ(one.kill(kInit, -1, SIGKILL), 0);
  EXPECT_EQ(two.seen(2).doing, Doing::program);
  two.rest();
  EXPECT_EQ(two.now().tasks.size(), 3U);
  Play moved(std::move(one));
  EXPECT_EQ(moved.value(kInit, Sys::wait4, {2, 0}), 2);
}

/// The number of this process's only child.
pid_t only_child() {
  const std::string self = std::to_string(gettid());
  return std::atoi(contents("/proc/self/task/" + self + "/children").c_str());
}

[[noreturn]] void play_until_killed(int tell) {
  Play play;
  use_everything(play);
  play.value(kInit, Sys::prctl, {1, SIGUSR1});  // what the scenario asks for changes nothing
  const pid_t init = only_child();
  if (write(tell, &init, sizeof init) != sizeof init) _exit(1);
  for (;;) pause();
}

TEST_F(StageOpen, ItEndsWithTheProcessThatOpenedIt) {
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t player = fork();
  if (player == 0) play_until_killed(told[1]);
  pid_t init = 0;
  ASSERT_EQ(read(told[0], &init, sizeof init), static_cast<ssize_t>(sizeof init));
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, init, 0));
  ASSERT_GE(pidfd, 0) << errno;
  kill(player, SIGKILL);
  waitpid(player, nullptr, 0);
  pollfd ended{.fd = pidfd, .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&ended, 1, 10'000), 1) << "init outlives its stage";
  for (const int fd : {pidfd, told[0], told[1]}) close(fd);
}

TEST_F(StageOpen, WhatCannotBeStagedIsAnError) {
  Play play;
  const auto job = play.fork(kInit);
  const auto refused = [&](const script::Action& action) {
    const auto done = play.stage().perform(action);
    return done ? 0 : done.error().number;
  };
  const auto makes = [](std::int64_t actor, Sys nr, std::array<std::int64_t, 5> arguments = {}) {
    return script::MakeCall{Pid(static_cast<int>(actor)), {nr, arguments}};
  };
  EXPECT_EQ(refused(script::OutOfMemory{Pid(2)}), ENOTSUP);
  EXPECT_EQ(refused(script::PressKey{99, kernel::Key::intr}), ENOTSUP);
  EXPECT_EQ(refused(makes(4000, Sys::pause)), ESRCH);
  EXPECT_EQ(refused(makes(kInit, Sys::ptrace, {PTRACE_TRACEME})), ENOTSUP);
  play.call(job, Sys::pause);
  EXPECT_EQ(refused(makes(job, Sys::pause)), EBUSY);
}

/// Init in a group led by one whom it reaps: Linux could never end it (zap_pid_ns_processes).
TEST_F(StageOpen, AnInitThatCouldNeverEndIsNotMade) {
  Play play;
  const auto job = play.fork(kInit);
  play.value(job, Sys::setpgid, {0, 0});
  const auto joins = [&](std::int64_t actor, std::int64_t who, std::int64_t group) {
    const auto done = play.stage().perform(
        script::MakeCall{Pid(static_cast<int>(actor)), {Sys::setpgid, {who, group}}});
    if (done) play.rest();
    return done ? 0 : done.error().number;
  };
  EXPECT_EQ(joins(kInit, 0, job), ENOTSUP);
  const auto inner = play.clone(kInit, CLONE_NEWPID);
  EXPECT_EQ(play.fork(inner), 2);
  EXPECT_EQ(play.value(4, Sys::setpgid, {0, 0}), 0);
  EXPECT_EQ(joins(inner, 0, 2), ENOTSUP);
  EXPECT_EQ(joins(kInit, inner, 4), ENOTSUP);
  EXPECT_EQ(joins(kInit, inner, job), 0) << "a group from outside is none of its numbers";
  EXPECT_EQ(joins(inner, 0, 0), 0);
}

TEST_F(StageOpen, SixtyFourTasksAreTheMost) {
  Play play;
  for (int i = 1; i < 64; ++i) play.fork(kInit);
  const auto more = play.stage().perform(script::MakeCall{Pid(1), {Sys::clone, {0, SIGCHLD}}});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().number, EAGAIN);
  EXPECT_EQ(play.kill(kInit, -1, SIGKILL), 0);
  for (int i = 1; i < 64; ++i) ASSERT_GT(play.value(kInit, Sys::wait4, {-1, WNOHANG}), 0);
  EXPECT_EQ(play.fork(kInit), 65) << "places are given again, numbers are not";
}

}  // namespace
}  // namespace knell::test
