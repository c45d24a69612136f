/// Properties of kernel/ that hold whatever programs do: any task makes any call, with any
/// arguments.

#include <rapidcheck.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "knell/kernel/kernel.hpp"
#include "knell/world/diff.hpp"

namespace knell::test {
namespace {

using kernel::Kernel;

struct Try {
  std::uint32_t who = 0;  ///< which of those who can make a call
  Call call;
};

constexpr std::int64_t kCloneFlags[] = {0,     0x4000, 0x4100, 0x8000,     0x10900,
                                        0x900, 0x100,  0x400,  0x20000000, 0x10d00};

rc::Gen<std::int64_t> any_pid() {
  return rc::gen::weightedOneOf<std::int64_t>(
      {{8, rc::gen::inRange<std::int64_t>(1, 12)}, {2, rc::gen::inRange<std::int64_t>(-12, 1)}});
}
rc::Gen<std::int64_t> any_signal() {
  return rc::gen::inRange<std::int64_t>(0, 66);
}
rc::Gen<std::int64_t> any_number() {
  return rc::gen::weightedOneOf<std::int64_t>(
      {{4, rc::gen::inRange<std::int64_t>(-2, 8)}, {1, rc::gen::arbitrary<std::int64_t>()}});
}

std::array<std::int64_t, 5> arguments_for(Sys nr) {
  switch (nr) {
    case Sys::kill:
    case Sys::tkill:
      return {*any_pid(), *any_signal()};
    case Sys::tgkill:
      return {*any_pid(), *any_pid(), *any_signal()};
    case Sys::rt_sigqueueinfo:
      return {*any_pid(), *any_signal(), *rc::gen::element<std::int64_t>(-1, -6, 0), 7};
    case Sys::rt_sigaction:
      return {*any_signal(), *rc::gen::inRange<std::int64_t>(0, 4),
              *rc::gen::element<std::int64_t>(0, 0x10000000, 0x40000000, 0x80000000, 0x08000000, 3),
              *any_number()};
    case Sys::rt_sigprocmask:
      return {*rc::gen::inRange<std::int64_t>(0, 3), *rc::gen::arbitrary<std::int64_t>()};
    case Sys::clone:
      return {*rc::gen::elementOf(
                  std::vector<std::int64_t>(std::begin(kCloneFlags), std::end(kCloneFlags))),
              SIGCHLD};
    case Sys::wait4:
      return {*any_pid(), *rc::gen::element<std::int64_t>(0, 1, 3, 11, 0x40000001)};
    case Sys::ptrace:
      return {*rc::gen::element<std::int64_t>(0, 7, 8, 16, 17, 0x4206, 0x4207, 0x4208), *any_pid(),
              *rc::gen::element<std::int64_t>(0, 0, 9, 15)};
    case Sys::fault:
      return {*rc::gen::element<std::int64_t>(SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTRAP)};
    default:
      return {*any_number(), *any_number(), *any_number(), *any_number(), 0};
  }
}

Try any_try() {
  Try one;
  one.who = *rc::gen::inRange<std::uint32_t>(0, 64);
  const auto last = static_cast<int>(Sys::fault);
  const int number =
      *rc::gen::weightedOneOf<int>({{3, rc::gen::inRange(1, last + 1)},
                                    {1, rc::gen::just(static_cast<int>(Sys::clone))},
                                    {1, rc::gen::just(static_cast<int>(Sys::kill))}});
  one.call = {static_cast<Sys>(number), arguments_for(static_cast<Sys>(number))};
  return one;
}

std::vector<TaskIndex> callers(const World& world) {
  std::vector<TaskIndex> all;
  for (std::size_t place = 0; place < world.tasks.size(); ++place)
    if (kernel::accepts_calls(world, TaskIndex(place))) all.emplace_back(place);
  return all;
}

/// To whom the call falls; nobody if none can make it. The first task stays, so that there is
/// always somebody.
TaskIndex caller_of(const Try& one, const World& world) {
  const std::vector<TaskIndex> able = callers(world);
  if (able.empty()) return {};
  const TaskIndex caller = able[one.who % able.size()];
  const Sys nr = one.call.nr;
  const bool ends = nr == Sys::exit || nr == Sys::exit_group || nr == Sys::fault;
  if ((ends && caller == TaskIndex(0)) || (nr == Sys::clone && world.tasks.size() > 40)) return {};
  return caller;
}

/// One call, and those who can run go on in the kernel's own order.
void take(World& world, const Try& one) {
  const TaskIndex caller = caller_of(one, world);
  if (!caller) return;
  Kernel kernel(world);
  kernel::sys_enter(kernel, caller, one.call);
  kernel::run_to_rest(kernel);
}

bool is_there(const Task& task) {
  return task.state != TaskState::released;
}

/// Every process is the child of its parent, once, and nobody else's.
void family_holds(const World& world) {
  std::multiset<TaskIndex> listed;
  for (std::size_t place = 0; place < world.tasks.size(); ++place)
    for (const TaskIndex child : world.children(TaskIndex(place))) {
      RC_ASSERT(is_there(world[child]));
      RC_ASSERT(world[child].real_parent == TaskIndex(place));
      listed.insert(child);
    }
  for (const TaskIndex process : world.processes())
    RC_ASSERT(listed.count(process) == (world[process].real_parent ? 1U : 0U));
}

void groups_hold(const World& world) {
  std::map<SignalIndex, std::uint32_t> threads;
  for (const Task& task : world.tasks)
    if (is_there(task)) ++threads[task.signal];
  for (const auto& [signal, count] : threads) {
    RC_ASSERT(world[signal].nr_threads == count);
    std::uint32_t linked = 0;
    for (TaskIndex at = world[signal].leader; at; at = world[at].next_thread) ++linked;
    RC_ASSERT(linked == count);
  }
}

/// What is shared knows by how many.
void counts_hold(const World& world) {
  std::map<SighandIndex, std::uint32_t> sighands;
  std::map<MmIndex, std::uint32_t> mms;
  std::map<FilesIndex, std::uint32_t> files;
  for (const Task& task : world.tasks) {
    if (!is_there(task)) continue;
    ++sighands[task.sighand];
    if (task.mm) ++mms[task.mm];
    if (task.files) ++files[task.files];
  }
  for (const auto& [index, users] : sighands) RC_ASSERT(world[index].users == users);
  for (const auto& [index, users] : mms) RC_ASSERT(world[index].users == users);
  for (const auto& [index, users] : files) RC_ASSERT(world[index].users == users);
  std::map<FileIndex, std::uint32_t> descriptors;
  for (const auto& [index, users] : files)
    for (const Descriptor& each : world[index].fds) ++descriptors[each.file];
  for (const UserContext& context : world.contexts)
    if (context.file) ++descriptors[context.file];  // held by one who sleeps
  for (const auto& [file, refs] : descriptors) RC_ASSERT(world[file].refs == refs);
}

void queues_hold(const World& world) {
  const auto holds = [](const SigPending& pending) {
    return std::ranges::all_of(
        pending.list, [&](const SigQueue& each) { return pending.signal.has(each.info.signal); });
  };
  for (const Task& task : world.tasks) RC_ASSERT(holds(task.pending));
  for (const SignalStruct& group : world.signals) RC_ASSERT(holds(group.shared_pending));
}

/// At rest, who neither takes calls nor sleeps has stopped or ended.
void everybody_rests(const World& world) {
  RC_ASSERT(world.run_queue.empty());
  for (std::size_t place = 0; place < world.tasks.size(); ++place) {
    const Task& task = world.tasks[place];
    if (!is_there(task) || kernel::accepts_calls(world, TaskIndex(place))) continue;
    RC_ASSERT(task.state != TaskState::running);
    RC_ASSERT(!task.on_rq);
  }
}

void everything_holds(const World& world) {
  family_holds(world);
  groups_hold(world);
  counts_hold(world);
  queues_hold(world);
  everybody_rests(world);
}

std::vector<Try> tries(int count) {
  std::vector<Try> all;
  for (int i = 0; i < count; ++i) all.push_back(any_try());
  return all;
}

TEST(AnyCalls, LoseAndDoubleNothing) {
  EXPECT_TRUE(rc::check([] {
    World world = kernel::boot();
    kernel::add_tty(world);
    for (const Try& one : tries(120)) {
      take(world, one);
      everything_holds(world);
    }
  }));
}

TEST(AnyCalls, ACopyIsEqualAndTakesThePlaceOfWhatItWas) {
  EXPECT_TRUE(rc::check([] {
    World world = kernel::boot();
    for (const Try& one : tries(60)) {
      const World before = world;
      RC_ASSERT(before == world);
      RC_ASSERT(diff(before, world).empty());
      take(world, one);
      const World after = world;
      RC_ASSERT(diff(before, after).empty() == (before == after));
      world = before;
      take(world, one);
      RC_ASSERT(world == after);
    }
  }));
}

/// Lets those who can run do so in any order, and Linux choose wherever it may.
void take_in_any_order(World& world, const Try& one) {
  const TaskIndex caller = caller_of(one, world);
  if (!caller) return;
  kernel::Choices choices(*rc::gen::container<std::vector<bool>>(8, rc::gen::arbitrary<bool>()));
  Kernel kernel(world);
  kernel.choices = &choices;
  kernel::sys_enter(kernel, caller, one.call);
  while (!world.run_queue.empty())
    kernel::run(kernel,
                world.run_queue[*rc::gen::inRange<std::size_t>(0, 64) % world.run_queue.size()]);
}

TEST(AnyCalls, HoldInAnyOrder) {
  EXPECT_TRUE(rc::check([] {
    World world = kernel::boot();
    kernel::add_tty(world);
    for (const Try& one : tries(80)) {
      take_in_any_order(world, one);
      everything_holds(world);
    }
  }));
}

/// All answers are given, each sequence once, and they may ask for more or for less.
TEST(Choices, AreAllTried) {
  kernel::Choices choices;
  std::vector<std::string> seen;
  do {
    std::string answers;
    for (int asked = 0; asked < 3; ++asked) {
      answers += choices.next() ? '1' : '0';
      if (answers == "1") break;  // the others are asked only if the first was no
    }
    seen.push_back(answers);
  } while (choices.advance());
  EXPECT_EQ(seen, (std::vector<std::string>{"000", "001", "010", "011", "1"}));
  EXPECT_TRUE(choices.none());
}

/// signal(7): SIGKILL cannot be caught, blocked or ignored; from outside it ends also an init.
TEST(AnyCalls, KillAlwaysEnds) {
  EXPECT_TRUE(rc::check([] {
    World world = kernel::boot();
    for (const Try& one : tries(100)) take(world, one);
    for (const TaskIndex process : world.processes()) {
      if (world[process].state == TaskState::released) continue;
      Kernel kernel(world);
      kernel::kill(kernel, {}, world[process].pid.value(), signals::kKill);
      kernel::run_to_rest(kernel);
      const Task& task = world[process];
      // An init first waits for those in its namespace whose parents, outside, have not waited.
      RC_ASSERT(task.state == TaskState::released || task.exiting);
    }
    everything_holds(world);
  }));
}

}  // namespace
}  // namespace knell::test
