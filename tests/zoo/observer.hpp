#pragma once

/// Who is there, by /proc, read without any of knell's own code: what knell says is checked here.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace knell::zoo {

struct Seen {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';         ///< of the first thread: proc_pid_stat(5)
  std::uint64_t start = 0;  ///< ticks since the machine's start
  bool lives = false;       ///< one of its threads at least is neither zombie nor dead
};

/// All processes of the pid namespace that /proc shows.
[[nodiscard]] std::vector<Seen> everybody();
/// pid 0: there is none.
[[nodiscard]] Seen look_at(pid_t pid);
[[nodiscard]] std::string comm_of(pid_t pid);
/// Its pids in all pid namespaces that it is in, outermost first: `NSpid` of /proc/PID/status.
[[nodiscard]] std::vector<pid_t> all_pids_of(pid_t pid);
/// The pid that was given away last, in the namespace of /proc: the end of /proc/loadavg.
[[nodiscard]] pid_t last_pid();
/// `CoreDumping` of /proc/PID/status.
[[nodiscard]] bool dumps_core(pid_t pid);

}  // namespace knell::zoo
