#pragma once

/// Between the files of this room: sleeping and waking. kernel/sched/core.c of Linux.

#include <algorithm>
#include <optional>

#include "knell/kernel/kernel.hpp"

namespace knell::kernel {

/// What a call that may sleep says: its value, or nothing: it has to wait.
using Outcome = std::optional<std::int64_t>;

// What a call returns inside the kernel when a signal cut it short (include/linux/errno.h).
inline constexpr std::int64_t kRestartSys = -512;     ///< again, if the handler has SA_RESTART
inline constexpr std::int64_t kRestartNoIntr = -513;  ///< again, always
inline constexpr std::int64_t kRestartNoHand = -514;  ///< again, if no handler ran
inline constexpr std::int64_t kFaultAgain = -600;     ///< no call: an instruction that faulted
inline constexpr std::int64_t kRestartBlock = -516;   ///< again with what was left, likewise

/// try_to_wake_up: the task will run. Who is on the processor runs already.
void wake_up_process(Kernel& kernel, TaskIndex task);
/// The task goes on later: it is in the middle of its program.
void enqueue_task(Kernel& kernel, TaskIndex task);
/// Likewise, and before all others, unless they come first.
void enqueue_first(Kernel& kernel, TaskIndex task);
/// On another processor: a task of the run queue goes on before the one that is running does.
void run_meanwhile(Kernel& kernel, TaskIndex task);
/// Wakes everybody who sleeps in a call that `matches`, who slept first is first.
template <class Predicate>
void wake_up_all(Kernel& kernel, Predicate matches) {
  const World& world = kernel.world;
  for (const TaskIndex sleeper : world.sleepers)
    if (matches(sleeper)) wake_up_process(kernel, sleeper);
}
/// Wakes the first who is still asleep (an exclusive waiter). False: nobody was.
template <class Predicate>
bool wake_up_one(Kernel& kernel, Predicate matches) {
  const World& world = kernel.world;
  for (const TaskIndex sleeper : world.sleepers)
    if (!world[sleeper].on_rq && matches(sleeper)) return wake_up_process(kernel, sleeper), true;
  return false;
}

/// Whether another thread of its process was woken.
[[nodiscard]] bool another_thread_will_run(const World& world, TaskIndex task);

/// The call the task sleeps in; `Sys::none` where it sleeps in none.
[[nodiscard]] inline const Call& sleeping_in(const World& world, TaskIndex task) {
  static const Call kNone;
  const ContextIndex context = world[task].context;
  return context && world[context].in_call ? world[context].regs.call : kNone;
}
[[nodiscard]] inline UserContext* context_if_any(World& world, TaskIndex task) {
  return world[task].context ? &world[world[task].context] : nullptr;
}
/// The task leaves the list of sleepers.
void finish_wait(Kernel& kernel, TaskIndex task);

/// Makes, or makes again, the call that the task's registers stand at; then on to user mode.
void do_syscall(Kernel& kernel, TaskIndex task);
/// What a call does now: its value, or nothing if it has to wait. entry.cpp, the system call table.
Outcome dispatch(Kernel& kernel, TaskIndex task, const Call& call);
/// The call in which a signal finds the task asleep returns this.
std::int64_t interrupted(Kernel& kernel, TaskIndex task, const Call& call);

}  // namespace knell::kernel
