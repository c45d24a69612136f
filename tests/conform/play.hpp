#pragma once

/// A stage with a few words to play on it.

#include <sched.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "knell/conform/stage.hpp"

namespace knell::test {

using conform::Doing;
using conform::TaskSeen;

inline constexpr std::int64_t kInit = 1;
inline constexpr std::int64_t kReturns = static_cast<std::int64_t>(Handler::returns);
inline constexpr std::int64_t kHolds = static_cast<std::int64_t>(Handler::holds);
inline constexpr std::int64_t kThread =
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

constexpr std::int64_t bits(std::initializer_list<int> set) {
  SigSet signals;
  for (const int signal : set) signals.add(Signal(signal));
  return static_cast<std::int64_t>(signals.bits());
}

/// Ends the test program where the stage itself fails: there is nothing to go on with.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::cerr << result.error().message() << '\n';
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Real time went by faster than the play.
struct MachineWasBusy {};

/// Plays that need their time, until the machine has it.
template <class Body>
void in_time(Body body) {
  for (int attempts = 0; attempts < 50; ++attempts) try {
      return body();
    } catch (const MachineWasBusy&) {
    }
  FAIL() << "the machine was busy all the time";
}

class Play {
public:
  Play() : stage_(must(conform::Stage::open())) { rest(); }

  /// The action, and what can be seen when all are at rest again.
  void act(const script::Action& action) {
    must(stage_.perform(action));
    rest();
  }
  void rest() {
    auto seen = stage_.rest(std::chrono::seconds(20));
    if (!seen && seen.error().number == EAGAIN) throw MachineWasBusy{};
    now_ = must(std::move(seen));
  }
  conform::Stage& stage() { return stage_; }

  /// The call; the actor as it is afterwards (a zombie without a number where it is gone).
  TaskSeen call(std::int64_t actor, Sys nr, std::array<std::int64_t, 5> arguments = {}) {
    act(script::MakeCall{Pid(static_cast<int>(actor)), {nr, arguments}});
    return seen(actor);
  }
  /// The call, which returns: its value.
  std::int64_t value(std::int64_t actor, Sys nr, std::array<std::int64_t, 5> arguments = {}) {
    const std::uint32_t before = seen(actor).returned;
    const TaskSeen after = call(actor, nr, arguments);
    EXPECT_EQ(after.returned, before + 1) << name_of(nr) << " did not return";
    EXPECT_EQ(after.last.nr, nr);
    return after.last.value;
  }

  std::int64_t fork(std::int64_t parent) { return clone(parent, 0); }
  std::int64_t clone(std::int64_t parent, std::int64_t flags) {
    const bool thread = (flags & CLONE_THREAD) != 0;
    return value(parent, Sys::clone, {flags, thread ? 0 : SIGCHLD});
  }
  void handle(std::int64_t actor, int signal, std::int64_t handler, std::int64_t flags = 0,
              std::int64_t mask = 0) {
    EXPECT_EQ(value(actor, Sys::rt_sigaction, {signal, handler, flags, mask}), 0);
  }
  std::int64_t kill(std::int64_t actor, std::int64_t target, int signal) {
    return value(actor, Sys::kill, {target, signal});
  }

  const conform::Observation& now() const { return now_; }
  bool there(std::int64_t pid) const { return find(pid) != nullptr; }
  TaskSeen seen(std::int64_t pid) const {
    const TaskSeen* const task = find(pid);
    return task == nullptr ? TaskSeen{.doing = Doing::zombie} : *task;
  }

private:
  const TaskSeen* find(std::int64_t pid) const {
    for (const TaskSeen& each : now_.tasks)
      if (each.pid.value() == pid) return &each;
    return nullptr;
  }

  conform::Stage stage_;
  conform::Observation now_;
};

/// Tests that need a stage are skipped, with the reason, where there can be none.
class StageTest : public testing::Test {
protected:
  void SetUp() override {
    static const conform::Abilities can = conform::abilities();
    if (!can.namespaces) GTEST_SKIP() << can.why_not;
    users = can.users;
  }
  bool users = false;
};

}  // namespace knell::test
