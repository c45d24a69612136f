#pragma once

/// A thread as /proc shows it, read again and again.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "knell/conform/observation.hpp"
#include "knell/live/fd.hpp"

namespace knell::conform {

/// What /proc/TID/status says.
struct Look {
  char state = 'R';
  TaskSeen seen;               ///< the members that the program has no part in
  std::uint64_t switches = 0;  ///< how often it was taken off a processor, of its own will or not
  bool has_begun = false;      ///< its program has come to its first lines
  bool has_memory = false;     ///< not so of kernel threads and of what has come far in ending
};
[[nodiscard]] std::optional<Look> parse_look(std::string_view status);

/// How much and how often a thread has run, in the kernel's words. Two that are equal, with the
/// thread off its processor at a moment between them, say that it did not run from the one to the
/// other.
struct Ran {
  std::array<char, 64> text{};
  bool operator==(const Ran&) const = default;
};

/// Where a thread is asleep (/proc/TID/syscall).
struct Asleep {
  long call = -1;                 ///< the system call's number; -1: in none
  std::uint64_t argument = 0;     ///< the first of its arguments
  std::uint64_t instruction = 0;  ///< where it goes on in user mode
};
/// Nothing for "running".
[[nodiscard]] std::optional<Asleep> parse_asleep(std::string_view syscall);

/// The files of one thread, opened once.
class ProcTask {
public:
  /// `proc` is the descriptor of a /proc. Not valid where there is no such thread.
  ProcTask(int proc, Pid pid);

  /// Nothing: it is gone.
  [[nodiscard]] std::optional<Look> look() const;
  /// Nothing: it is gone.
  [[nodiscard]] std::optional<Ran> ran() const;
  /// Its numbers in the pid namespaces it is in, this /proc's first.
  [[nodiscard]] std::vector<Pid> numbers() const;
  /// Waits, if it has to, until the thread is off its processor. Nothing: it runs, or would run if
  /// it had one. (Linux: task_current_syscall, wait_task_inactive.)
  [[nodiscard]] std::optional<Asleep> asleep() const;

private:
  live::Fd status_;
  live::Fd syscall_;
  live::Fd schedstat_;
};

/// The kernel's function that a thread sleeps in; "0" where that cannot be known.
[[nodiscard]] std::string function_it_sleeps_in(int proc, Pid pid);

}  // namespace knell::conform
