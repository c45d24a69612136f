#pragma once

/// /proc/self/mountinfo: show_mountinfo() of fs/proc_namespace.c, proc_pid_mountinfo(5).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace knell::live {

struct Mount {
  std::uint64_t device = 0;  ///< st_dev of what lies in it
  std::string root;          ///< which directory of the file system is mounted
  std::string point;         ///< where
  std::string type;          ///< "ext4", "proc", "cgroup2"
  std::string options;       ///< of the file system as a whole: "rw,hidepid=invisible"

  bool operator==(const Mount&) const = default;
};

[[nodiscard]] std::vector<Mount> parse_mountinfo(std::string_view text);

/// The value of `name` among the options; "" where it stands alone or is not there.
[[nodiscard]] std::string_view option(const Mount& mount, std::string_view name);
[[nodiscard]] bool has_option(const Mount& mount, std::string_view name);

/// hidepid= of a proc mount as the number of proc(5): 0 (off), 1, 2 or 4. Newer kernels show words.
[[nodiscard]] int hidepid(const Mount& mount);

}  // namespace knell::live
