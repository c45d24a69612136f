#pragma once

/// Before others on the processor: sched(7), setpriority(2).

#include <sys/types.h>

#include "knell/live/machine.hpp"
#include "knell/live/process_handle.hpp"

namespace knell::act {

enum class Raised : unsigned char { no, real_time, nice };

/// Sets a thread (0: the calling one) to the lowest real-time priority (SCHED_RR) or, where that is
/// refused (CAP_SYS_NICE, RLIMIT_RTPRIO; a cgroup without real-time), to nice -20. A thread that
/// is under a real-time policy already, or when neither is permitted, stays as it is.
Raised raise_priority(pid_t thread);

/// The same for every thread of a process that was sent SIGKILL: none of them runs its program any
/// more, they only give back what they hold, which takes a starved one long. Threads are told by
/// numbers, as sched_setscheduler(2) takes nothing else: read now, while the process has its own.
void hasten(const live::Machine& machine, const live::ProcessHandle& dying);

}  // namespace knell::act
