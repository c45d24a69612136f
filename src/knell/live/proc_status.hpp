#pragma once

/// /proc/PID/status: proc_pid_status() of fs/proc/array.c, proc_pid_status(5).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knell/world/world.hpp"

namespace knell::live {

struct ProcStatus {
  std::string name;
  TaskState state = TaskState::sleeping;
  Pid tgid;
  Pid pid;
  Pid parent;
  Pid tracer;  ///< the tracing *thread*; 0: none
  Cred cred;   ///< but for its user namespace, which this file does not tell
  std::vector<Pid> ns_pids;
  std::uint32_t threads = 1;
  SigSet pending;         ///< of this thread
  SigSet shared_pending;  ///< of its process
  SigSet blocked, ignored, caught;
  bool core_dumping = false;

  bool operator==(const ProcStatus&) const = default;
};

/// Lines it does not know are passed over; none where State, Tgid and Pid are missing.
[[nodiscard]] std::optional<ProcStatus> parse_status(std::string_view text);

}  // namespace knell::live
