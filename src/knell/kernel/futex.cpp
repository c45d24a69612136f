/// kernel/futex: robust mutexes. The lock word is user space's (nptl's protocol); the kernel marks
/// it when its owner ends.

#include <algorithm>
#include <cerrno>
#include <optional>
#include <ranges>
#include <utility>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr std::size_t kLocks = 8;

RobustLock& lock_of(World& world, std::size_t number) {
  if (world.robust_locks.size() < kLocks) world.robust_locks.resize(kLocks);
  return world.robust_locks[number];
}

Pid own_number(const World& world, TaskIndex task) {
  return task_pid_nr_ns(world, task, world[task].pid_ns);
}

/// futex_wake of one.
void wake_one(Kernel& kernel, std::uint8_t number) {
  const World& world = kernel.world;
  wake_up_one(kernel, [&](TaskIndex sleeper) {
    const Call& call = sleeping_in(world, sleeper);
    return call.nr == Sys::robust_lock && call.arg[0] == number;
  });
}

/// Whom it waited for may have woken it already: then another one is to have the lock. Since 5.5,
/// and if the one it waited for had died, since 6.2.
void hand_on(Kernel& kernel, std::uint8_t number) {
  const RobustLock& lock = lock_of(kernel.world, number);
  const KernelVersion since = lock.owner_died ? KernelVersion::v6_12 : KernelVersion::v5_10;
  if (kernel.version >= since) wake_one(kernel, number);
}

/// handle_futex_death. The word tells who holds it by a number of the namespace that task is in: of
/// another namespace, somebody else may have the same.
void handle_futex_death(Kernel& kernel, TaskIndex task, std::uint8_t number, bool pending) {
  RobustLock& lock = lock_of(kernel.world, number);
  if (pending && !lock.owner) return hand_on(kernel, number);
  if (!lock.owner || lock.tid != own_number(kernel.world, task)) return;
  lock.owner = {};
  lock.tid = {};
  lock.owner_died = true;
  kernel.note({Event::Kind::resource, task, {}, {}, number, "FUTEX_OWNER_DIED"});
  if (lock.waiters) wake_one(kernel, number);
}

}  // namespace

Outcome robust_lock(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  if (call.arg[0] < 0 || call.arg[0] >= static_cast<std::int64_t>(kLocks)) return -EINVAL;
  const auto number = static_cast<std::uint8_t>(call.arg[0]);
  RobustLock& lock = lock_of(world, number);
  UserContext& context = world[world[current].context];
  const bool has_slept = context.regs.has_slept;
  const bool holds = std::ranges::find(context.robust_list, number) != context.robust_list.end();
  if (holds && !has_slept) return -EDEADLK;  // user space looks before it asks
  if (lock.owner && call.arg[1] != 0) {
    lock.waiters = true;
    // Said once: a handler that uses a mutex meanwhile takes it back.
    if (!has_slept) context.robust_pending = number;
    context.regs.has_slept = true;
    return {};
  }
  context.robust_pending.reset();
  if (lock.owner) return -EBUSY;
  const bool died = lock.owner_died;
  lock.owner = current;
  lock.tid = own_number(world, current);
  lock.owner_died = false;
  // Who has slept does not know whether it was the last.
  if (has_slept) lock.waiters = true;
  context.robust_list.push_back(number);
  return died ? 1 : 0;
}

std::int64_t robust_unlock(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  if (call.arg[0] < 0 || call.arg[0] >= static_cast<std::int64_t>(kLocks)) return -EINVAL;
  const auto number = static_cast<std::uint8_t>(call.arg[0]);
  RobustLock& lock = lock_of(world, number);
  if (lock.tid != own_number(world, current)) return -EPERM;  // likewise
  UserContext& context = world[world[current].context];
  std::erase(context.robust_list, number);
  context.robust_pending.reset();
  const bool waiters = lock.waiters;
  lock = {};
  if (waiters) wake_one(kernel, number);
  return 0;
}

void exit_robust_list(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (!world[task].context) return;
  UserContext& context = world[world[task].context];
  const std::vector<std::uint8_t> held = std::exchange(context.robust_list, {});
  const std::optional<std::uint8_t> pending = std::exchange(context.robust_pending, {});
  for (const std::uint8_t number : std::views::reverse(held))  // the newest is the list's first
    if (number != pending) handle_futex_death(kernel, task, number, false);
  if (pending) handle_futex_death(kernel, task, *pending, true);
}

}  // namespace knell::kernel
