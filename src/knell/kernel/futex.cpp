/// kernel/futex: robust mutexes. The lock word is user space's (nptl's protocol); the kernel marks
/// it when its owner ends.

#include <cerrno>
#include <ranges>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr std::size_t kLocks = 8;

RobustLock& lock_of(World& world, std::size_t number) {
  if (world.robust_locks.size() < kLocks) world.robust_locks.resize(kLocks);
  return world.robust_locks[number];
}

/// futex_wake of one.
void wake_one(Kernel& kernel, std::uint8_t number) {
  const World& world = kernel.world;
  wake_up_one(kernel, [&](TaskIndex sleeper) {
    const Call& call = sleeping_in(world, sleeper);
    return call.nr == Sys::robust_lock && call.arg[0] == number;
  });
}

}  // namespace

Outcome robust_lock(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  if (call.arg[0] < 0 || call.arg[0] >= static_cast<std::int64_t>(kLocks)) return -EINVAL;
  const auto number = static_cast<std::uint8_t>(call.arg[0]);
  RobustLock& lock = lock_of(world, number);
  if (lock.owner == current) return -EDEADLK;  // user space looks before it asks
  if (lock.owner) {
    if (call.arg[1] == 0) return -EBUSY;
    lock.waiters = true;
    return {};
  }
  const bool died = lock.owner_died;
  lock.owner = current;
  lock.owner_died = false;
  // Who has slept does not know whether it was the last.
  UserContext& context = world[world[current].context];
  if (context.in_call) lock.waiters = true;
  context.robust_list.push_back(number);
  return died ? 1 : 0;
}

std::int64_t robust_unlock(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  if (call.arg[0] < 0 || call.arg[0] >= static_cast<std::int64_t>(kLocks)) return -EINVAL;
  const auto number = static_cast<std::uint8_t>(call.arg[0]);
  RobustLock& lock = lock_of(world, number);
  if (lock.owner != current) return -EPERM;  // likewise
  std::erase(world[world[current].context].robust_list, number);
  const bool waiters = lock.waiters;
  lock = {};
  if (waiters) wake_one(kernel, number);
  return 0;
}

/// exit_robust_list and handle_futex_death
void exit_robust_list(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (!world[task].context) return;
  std::vector<std::uint8_t> held = std::move(world[world[task].context].robust_list);
  world[world[task].context].robust_list.clear();
  for (const std::uint8_t number : std::views::reverse(held)) {  // the newest is the list's first
    RobustLock& lock = lock_of(world, number);
    if (lock.owner != task) continue;
    lock.owner = {};
    lock.owner_died = true;
    kernel.note({Event::Kind::resource, task, {}, {}, number, "FUTEX_OWNER_DIED"});
    if (lock.waiters) wake_one(kernel, number);
  }
}

}  // namespace knell::kernel
