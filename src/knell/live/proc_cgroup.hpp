#pragma once

/// /proc/PID/cgroup: proc_cgroup_show() of kernel/cgroup/cgroup.c, cgroups(7).

#include <string>
#include <string_view>

namespace knell::live {

struct ProcCgroup {
  std::string v2;       ///< "" where the machine has no cgroup v2
  std::string freezer;  ///< of the v1 freezer, "" where there is none
  std::string memory;   ///< where its memory is counted: v1's controller if it is mounted, else v2
  /// The path that tells most of where the process belongs: v2's unless that is "/", then v1's
  /// name=systemd, freezer, pids, memory, any; "/" where all are; "" where there are no cgroups.
  std::string path;
};

[[nodiscard]] ProcCgroup parse_cgroup(std::string_view text);

}  // namespace knell::live
