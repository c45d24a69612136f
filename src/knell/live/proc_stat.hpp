#pragma once

/// /proc/PID/stat: do_task_stat() of fs/proc/array.c, proc_pid_stat(5).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "knell/world/world.hpp"

namespace knell::live {

struct ProcStat {
  Pid pid;
  std::string comm;
  TaskState state = TaskState::sleeping;
  Pid parent;  ///< 0: none that the reader's pid namespace knows
  Pgid pgrp;
  Sid session;
  std::uint32_t tty = 0;  ///< device number as new_encode_dev() makes it; 0: none
  Pgid foreground;        ///< of that terminal (tpgid); 0 or -1: none, or not to be seen from here
  bool kernel_thread = false;
  bool fork_no_exec = false;  ///< has not called execve since it was made
  bool exiting = false;
  std::uint32_t num_threads = 1;
  StartTime start;
  int exit_code = 0;  ///< 0 also where the reader may not know; of a stopped one, what stopped it

  bool operator==(const ProcStat&) const = default;
};

/// The name stands in parentheses and may hold any byte, so only the last ')' ends it.
[[nodiscard]] std::optional<ProcStat> parse_stat(std::string_view text);

/// get_task_state() of fs/proc/array.c. Letters that only old kernels or kernel threads show
/// become the nearest of ours.
[[nodiscard]] TaskState state_of(char letter);

/// new_encode_dev() of include/linux/kdev_t.h.
[[nodiscard]] std::uint32_t encode_device(unsigned major, unsigned minor);

}  // namespace knell::live
