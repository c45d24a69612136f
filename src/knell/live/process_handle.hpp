#pragma once

/// A process of the real machine that cannot be mistaken for another.
///
/// A pid is a number that comes back. A ProcessHandle is a pidfd, opened first and checked after:
/// while the pidfd's process lives its number cannot be given away, so if `/proc/PID/stat` then
/// shows the start time that was planned for, handle and plan speak of the same process. Every
/// signal knell sends goes through one.

#include <optional>

#include "knell/live/machine.hpp"
#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"
#include "knell/world/wait_status.hpp"

namespace knell::live {

class ProcessHandle {
public:
  /// Needs Linux 5.3. Error ESRCH: there is no such process, or its number is another's by now.
  /// `pidfd` is SignalStruct::pidfd of the process that is meant: start times count in ticks of
  /// 10 ms, the inode of a pidfd never comes back. 0: only the start time is compared.
  [[nodiscard]] static Result<ProcessHandle> open(const Machine& machine, ProcessId id,
                                                  Inode pidfd = {});

  ProcessHandle(ProcessHandle&& other) noexcept;
  ProcessHandle& operator=(ProcessHandle&& other) noexcept;
  ProcessHandle(const ProcessHandle&) = delete;
  ProcessHandle& operator=(const ProcessHandle&) = delete;
  ~ProcessHandle();

  [[nodiscard]] ProcessId id() const { return id_; }
  /// The pidfd: readable (POLLIN) once the process has ended, all of its threads with it.
  [[nodiscard]] int fd() const { return fd_; }

  /// pidfd_send_signal(2). Errors: EPERM, ESRCH (it was waited for), EINVAL.
  [[nodiscard]] Result<void> send(Signal signal) const;
  /// As sigqueue(3): `value` comes with the signal. Errors also: EAGAIN (RLIMIT_SIGPENDING).
  [[nodiscard]] Result<void> queue(Signal signal, int value) const;
  /// To all of the process group that it made, in one go: nobody who is being forked is missed. It
  /// may have ended, if the group has not. EINVAL before Linux 6.9; EPERM: to none of them.
  [[nodiscard]] Result<void> send_to_group(Signal signal) const;
  /// Whether it has ended (as a zombie or altogether). Asks the kernel, does not wait.
  [[nodiscard]] bool ended() const;
  /// Whether it has not been waited for: until then nobody else gets its number.
  [[nodiscard]] bool keeps_its_number() const;
  /// Whether the process group that it made has members: until the last of them is gone nobody else
  /// gets its number either (Linux: free_pid). Before Linux 6.9 never known, so false.
  [[nodiscard]] bool its_group_lives() const;
  /// How it ended, where the kernel tells those who are not its parent: PIDFD_GET_INFO with
  /// PIDFD_INFO_EXIT once it was waited for (Linux 6.15), or a zombie's /proc/PID/stat.
  /// Waits for it (waitid with P_PIDFD) if it is a child of the caller's.
  [[nodiscard]] std::optional<WaitStatus> exit_status(const Machine& machine) const;

private:
  ProcessHandle(int fd, ProcessId id) : fd_(fd), id_(id) {}
  int fd_ = -1;
  ProcessId id_;
};

}  // namespace knell::live
