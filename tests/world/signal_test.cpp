#include "knell/world/signal.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include <gtest/gtest.h>

namespace knell {
namespace {

TEST(Signal, NamesAreTheCLibrarys) {
  for (int number = 1; number < 32; ++number)
    if (number != SIGIO) {  // the library says POLL, the kernel's own name is SIGIO
      EXPECT_EQ(Signal(number).name(), sigabbrev_np(number)) << number;
    }
  EXPECT_EQ(Signal(SIGIO).name(), "IO");
  EXPECT_EQ(Signal::parse(sigabbrev_np(SIGIO)), Signal(SIGIO));
}

TEST(Signal, RealTimeNamesCountFromTheCLibrarysFirst) {
  EXPECT_EQ(Signal(SIGRTMIN).name(), "RTMIN");
  EXPECT_EQ(Signal(SIGRTMIN + 3).name(), "RTMIN+3");
  EXPECT_EQ(Signal(SIGRTMAX).name(), "RTMAX");
  EXPECT_EQ(Signal(32).name(), "32");
}

TEST(Signal, EveryNameIsReadBackInEverySpelling) {
  for (int number = 1; number <= Signal::kLast; ++number) {
    const std::string name = Signal(number).name();
    EXPECT_EQ(Signal::parse(name), Signal(number)) << name;
    if (number < 32) {
      EXPECT_EQ(Signal::parse("SIG" + name), Signal(number)) << name;
    }
    EXPECT_EQ(Signal::parse(std::to_string(number)), Signal(number));
  }
  EXPECT_EQ(Signal::parse("sigterm"), signals::kTerm);
  EXPECT_EQ(Signal::parse("RTMAX-1"), Signal(SIGRTMAX - 1));
  EXPECT_EQ(Signal::parse("IOT"), Signal(SIGIOT));
  EXPECT_EQ(Signal::parse("0"), Signal(0));
}

TEST(Signal, WhatIsNoSignalIsRefused) {
  for (const char* word : {"", "SIG", "TERMX", "65", "-1", "RTMIN+31", "RTMAX-31", "RTMIN-1",
                           "RTMIN+", "15x", "99999999999", "TERM "})
    EXPECT_EQ(Signal::parse(word), std::nullopt) << word;
}

/// What the kernel itself does with the signal: a child takes it by default, and wait(2) tells.
DefaultAction real_default_action(int number) {
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    std::signal(number, SIG_DFL);
    raise(number);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, WUNTRACED);
  if (WIFSTOPPED(status)) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return DefaultAction::stop;
  }
  return WIFSIGNALED(status) ? DefaultAction::terminate : DefaultAction::ignore;
}

TEST(Signal, DefaultActionsAreTheKernels) {
  // The child must not be in an orphaned process group, where job control stops are ignored; it is
  // in this program's group, whose parent is in the same session as a rule, so TSTP, TTIN and TTOU
  // are left to the table of signal(7) here.
  for (int number = 1; number <= Signal::kLast; ++number) {
    if (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU || number == 32 || number == 33)
      continue;
    DefaultAction ours = Signal(number).default_action();
    // From outside, a core that the limits forbid is a termination, and CONT to one that runs is
    // nothing.
    if (ours == DefaultAction::core) ours = DefaultAction::terminate;
    if (ours == DefaultAction::resume) ours = DefaultAction::ignore;
    EXPECT_EQ(ours, real_default_action(number)) << number;
  }
  EXPECT_EQ(signals::kTstp.default_action(), DefaultAction::stop);
  EXPECT_EQ(signals::kTtin.default_action(), DefaultAction::stop);
  EXPECT_EQ(signals::kTtou.default_action(), DefaultAction::stop);
}

TEST(SigSet, HasTheBitsOfTheStatusFile) {
  const SigSet set{signals::kKill, signals::kTerm};
  EXPECT_EQ(set.bits(), 0x4100U);  // proc(5): bit N-1 is signal N
  EXPECT_TRUE(set.has(signals::kKill));
  EXPECT_FALSE(set.has(signals::kInt));
  EXPECT_FALSE(set.has(Signal(0)));
  EXPECT_EQ(set.lowest(), signals::kKill);
  EXPECT_EQ((~set & SigSet{signals::kInt, signals::kTerm}), SigSet{signals::kInt});
}

TEST(SigSet, HoldsTheLastSignalToo) {
  SigSet set;
  set.add(Signal(64));
  EXPECT_EQ(set.bits(), std::uint64_t{1} << 63);
  set.remove(Signal(64));
  EXPECT_TRUE(set.empty());
}

}  // namespace
}  // namespace knell
