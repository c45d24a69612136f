#pragma once

/// From fork to exec: making a process, and letting it become the command.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "knell/live/fd.hpp"
#include "knell/supervise/inherited.hpp"
#include "knell/world/error.hpp"

namespace knell::supervise {

/// What a command needs to be started.
class Launch {
public:
  [[nodiscard]] static Result<Launch> prepare(const std::vector<std::string>& argv,
                                              const Inherited& inherited, bool daemon);

  /// In a child of the supervisor's: becomes the command, or reports why not and ends. Only
  /// async-signal-safe calls. `bound`: the command is killed when the supervisor ends
  /// (PR_SET_PDEATHSIG, which the exec of a set-user-ID program takes back).
  [[noreturn]] void become(bool bound) const;

  /// The command has been forked: only the child may hold the other end of the report.
  void forked() { write_end_ = live::Fd(); }
  /// Readable once it is known whether execve(2) succeeded: at its end if so, else an errno.
  [[nodiscard]] int report() const { return read_end_.get(); }
  /// That errno, 0 if it succeeded. Does not wait: 0 if it is not known yet, too.
  [[nodiscard]] int exec_error() const;

private:
  std::vector<std::string> words_;
  std::vector<char*> argv_;
  Inherited inherited_;
  bool daemon_ = false;
  pid_t supervisor_ = 0;
  live::Fd read_end_, write_end_;
};

/// clone(2) with fork's way of memory: 0 in the child. `flags`: CLONE_NEW*; `cgroup`: a descriptor
/// of a cgroup's directory in which the child is born (Linux 5.7), -1: the caller's. In the child
/// nothing may be used that knows its own thread id, such as raise(3).
[[nodiscard]] pid_t clone_process(std::uint64_t flags, int cgroup = -1);

}  // namespace knell::supervise
