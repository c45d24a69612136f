#pragma once

/// Who descends from the calling process now.

#include <optional>
#include <string>
#include <vector>

#include "knell/live/machine.hpp"
#include "knell/live/proc_fs.hpp"
#include "knell/live/process_handle.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"
#include "knell/world/task.hpp"

namespace knell::supervise {

struct Process {
  ProcessId id;
  Pid parent;
  TaskState state = TaskState::sleeping;
  std::string comm;
};

/// Looks at /proc where that is mounted, and else asks wait(2), which knows children only.
class Descendants {
public:
  [[nodiscard]] static Descendants of_caller();

  /// Whether there is a /proc. If not, a look takes a second, and shows children only.
  [[nodiscard]] bool sees_all() const { return reader_.has_value(); }
  /// Those that live: all that descend from the caller through parents that are there. A zombie
  /// lives while threads of it do. Whoever is born meanwhile may be missed.
  [[nodiscard]] std::vector<Process> look();
  /// The caller's own children, zombies too: their numbers are their own until it waits for them.
  /// Quick, to catch those that fork and end faster than a look takes.
  [[nodiscard]] std::vector<Pid> children();
  /// Sends a signal to one that was seen, through a pidfd that was checked to be its; where there
  /// is no /proc, by the number of a child. 0, or the errno.
  [[nodiscard]] int send(const Process& to, Signal signal) const;
  /// Thaws what is frozen of cgroup v1 around these, where it holds nobody else: until then no
  /// signal ends them (Cgroup::freeze).
  void thaw(const std::vector<Process>& these) const;

private:
  [[nodiscard]] std::vector<Process> all();

  std::optional<live::Machine> machine_;
  std::optional<live::ProcReader> reader_;
};

/// Whether wait(2) knows this process as a child of the caller's; never waits for it.
[[nodiscard]] bool is_child(Pid pid);

}  // namespace knell::supervise
