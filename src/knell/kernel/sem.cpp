/// ipc/sem.c, ipc/shm.c: System V semaphores with undo, and shared memory.

#include <algorithm>
#include <cerrno>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr std::size_t kSemaphores = 4;
constexpr int kMax = 32767;                              // SEMVMX
constexpr std::int64_t kUndo = 0x1000, kNoWait = 0x800;  // SEM_UNDO, IPC_NOWAIT
constexpr int kNotDone = 0, kDone = 1;                   // UserContext::wake

int& value_of(World& world, std::size_t number) {
  if (world.semaphores.size() < kSemaphores) world.semaphores.resize(kSemaphores);
  return world.semaphores[number];
}

void add_undo(UserContext& context, std::uint8_t number, int delta) {
  auto found = std::ranges::find(context.sem_undo, number, &SemUndo::semaphore);
  if (found == context.sem_undo.end())
    context.sem_undo.push_back({number, -delta});
  else
    found->adjust -= delta;
}

/// perform_atomic_semop for one operation. Nothing: it has to wait.
Outcome perform(World& world, TaskIndex task, const Call& call) {
  const auto number = static_cast<std::uint8_t>(call.arg[0]);
  const int delta = static_cast<int>(call.arg[1]);
  int& value = value_of(world, number);
  if (delta == 0) return value == 0 ? Outcome(0) : Outcome();
  if (value + delta < 0) return {};
  if (value + delta > kMax) return -ERANGE;
  value += delta;
  if ((call.arg[2] & kUndo) != 0) add_undo(world[world[task].context], number, delta);
  return 0;
}

/// do_smart_update: what those who wait had asked for is done for them, in the order in which they
/// came; who waits for zero comes first.
void update_queue(Kernel& kernel, std::uint8_t number) {
  World& world = kernel.world;
  const auto try_waiters = [&](bool for_zero) {
    for (const TaskIndex sleeper : world.sleepers) {
      const Call& call = sleeping_in(world, sleeper);
      UserContext& context = world[world[sleeper].context];
      if (call.nr != Sys::semop || call.arg[0] != number || context.wake == kDone) continue;
      if ((call.arg[1] == 0) != for_zero) continue;
      if (!perform(world, sleeper, call)) continue;
      context.wake = kDone;
      wake_up_process(kernel, sleeper);
      if (!for_zero) return true;
    }
    return false;
  };
  try_waiters(true);
  while (try_waiters(false)) try_waiters(true);
}

}  // namespace

Outcome sys_semop(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  UserContext& context = world[world[current].context];
  if (context.in_call) return context.wake == kDone ? Outcome(0) : Outcome();
  if (call.arg[0] < 0 || call.arg[0] >= static_cast<std::int64_t>(kSemaphores)) return -EFBIG;
  context.wake = kNotDone;
  const Outcome outcome = perform(world, current, call);
  if (!outcome) return (call.arg[2] & kNoWait) != 0 ? Outcome(-EAGAIN) : Outcome();
  if (*outcome == 0 && call.arg[1] != 0)
    update_queue(kernel, static_cast<std::uint8_t>(call.arg[0]));
  return outcome;
}

/// exit_sem: what was to be undone is, as far as the value allows.
void exit_sem(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (!world[task].context) return;
  const std::vector<SemUndo> undo = std::move(world[world[task].context].sem_undo);
  world[world[task].context].sem_undo.clear();
  for (const SemUndo& each : undo) {
    int& value = value_of(world, each.semaphore);
    value = std::clamp(value + each.adjust, 0, kMax);
    kernel.note({Event::Kind::resource, task, {}, {}, each.adjust, "SEM_UNDO"});
    update_queue(kernel, each.semaphore);
  }
}

std::int64_t sys_shmat(Kernel& kernel, TaskIndex current) {
  ++kernel.world[kernel.world[current].mm].shm_attached;
  ++kernel.world.shm_attached;
  return 0;
}

std::int64_t sys_shmdt(Kernel& kernel, TaskIndex current) {
  MmStruct& mm = kernel.world[kernel.world[current].mm];
  if (mm.shm_attached == 0) return -EINVAL;
  --mm.shm_attached;
  --kernel.world.shm_attached;
  return 0;
}

void exit_shm(Kernel& kernel, MmIndex mm) {
  kernel.world.shm_attached -= kernel.world[mm].shm_attached;
  kernel.world[mm].shm_attached = 0;
}

}  // namespace knell::kernel
