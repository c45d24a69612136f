/// mm/oom_kill.c: memory is short, and one has to go.

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {

/// oom_kill_process and __oom_kill_process: also whoever else has the victim's memory, but for
/// inits.
void oom_kill_process(Kernel& kernel, TaskIndex victim) {
  const Function in(kernel, "oom_kill_process", victim);
  World& world = kernel.world;
  victim = world.leader(victim);
  kernel.note({Event::Kind::oom, victim, {}, signals::kKill, 0});
  const MmIndex mm = world[victim].mm;
  Source source = Source::kernel();
  group_send_sig_info(kernel, signals::kKill, source, victim, PidType::tgid);
  if (!mm) return;
  for (const TaskIndex other : world.processes()) {
    if (world[other].mm != mm || other == victim) continue;
    const bool is_init = world.global_init && world[other].pid == Pid(1);
    if (is_init || world[other].kernel_thread) continue;
    group_send_sig_info(kernel, signals::kKill, source, other, PidType::tgid);
  }
}

}  // namespace knell::kernel
