#pragma once

/// What a Machine keeps: where to look, and what does not change while it looks.

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "knell/live/cgroup.hpp"
#include "knell/live/machine.hpp"
#include "knell/live/mountinfo.hpp"
#include "knell/live/proc_cgroup.hpp"
#include "knell/live/proc_fs.hpp"

namespace knell::live {

/// The cgroup file systems as they are mounted here. There may be none.
class CgroupTree {
public:
  CgroupTree() = default;
  CgroupTree(const Roots& roots, std::span<const Mount> mounts);

  /// Where systemd's units have their directories; "" where no cgroups are mounted.
  [[nodiscard]] std::string unit_root() const;
  /// Whether the freezer holds it, v2's or v1's. Remembers: ask a new tree for fresh news.
  [[nodiscard]] bool frozen(const ProcCgroup& cgroup);
  [[nodiscard]] Result<std::uint64_t> memory(const std::string& cgroup) const;
  /// The directories of such a cgroup.
  [[nodiscard]] CgroupsOf directories(const ProcCgroup& cgroup) const;

private:
  bool read_frozen(const ProcCgroup& cgroup) const;

  std::optional<Mount> v2_, freezer_, memory_, systemd_;
  std::unordered_map<std::string, bool> frozen_;
};

struct Machine::State {
  Roots roots;
  ProcFs proc;

  /// Read when first asked for: most signals need no look at it. Not for several threads at once.
  [[nodiscard]] Result<std::span<const Mount>> mounts();
  [[nodiscard]] Result<CgroupTree> cgroups();

  std::optional<std::vector<Mount>> mounts_read;
};

}  // namespace knell::live
