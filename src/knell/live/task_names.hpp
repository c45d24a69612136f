#pragma once

#include <expected>
#include <string>
#include <vector>

#include "knell/world/ids.hpp"

namespace knell::live {

struct TaskName {
  Pid pid;
  std::string comm;  ///< "" of a kernel thread: what /proc says is longer
};

/// The names of the processes of the caller's pid namespace at once, ascending by pid, as the
/// kernel goes through its own list (a BPF task iterator, bpf/task_names.bpf.c): half a microsecond
/// for each instead of five for /proc/PID/comm, and some 5 ms once to get the program into the
/// kernel.
///
/// Not for who is there: it heeds no mount option of /proc, and a kernel was seen that leaves out
/// process 1 and its threads.
///
/// Errors: ENOSYS: built without it (docs/dependencies.md). EPERM: see below. Others: the kernel
/// has no BTF, is locked down or older than 5.18.
[[nodiscard]] std::expected<std::vector<TaskName>, int> task_names();

/// Whether it is worth the trying: it is built in, CAP_BPF and CAP_PERFMON are there, and no
/// seccomp filter is in force, which might end the caller for it.
[[nodiscard]] bool may_have_task_names();

}  // namespace knell::live
