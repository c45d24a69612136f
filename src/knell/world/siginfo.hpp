#pragma once

/// What comes with a signal: who sent it, and why.

#include <cstdint>

#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"

namespace knell {

/// The codes that say where a signal comes from (sigaction(2); include/uapi/asm-generic/siginfo.h).
namespace si {
inline constexpr int kUser = 0;       ///< kill(2)
inline constexpr int kKernel = 0x80;  ///< the kernel: a terminal, an orphaned process group, …
inline constexpr int kQueue = -1;     ///< sigqueue(3)
inline constexpr int kTimer = -2;     ///< a POSIX timer
inline constexpr int kTkill = -6;     ///< tkill(2), tgkill(2)
// Of SIGCHLD.
inline constexpr int kExited = 1, kKilled = 2, kDumped = 3, kTrapped = 4, kStopped = 5,
                     kContinued = 6;
// Of the faults, one each, as the x86-64 kernel gives them for the fault named.
inline constexpr int kIllOpn = 2;      ///< SIGILL: the invalid instruction ud2
inline constexpr int kFpeIntDiv = 1;   ///< SIGFPE: division by zero
inline constexpr int kSegvMapErr = 1;  ///< SIGSEGV: nothing is mapped there
inline constexpr int kBusAdrErr = 2;   ///< SIGBUS: beyond the end of a mapped file
}  // namespace si

/// Linux: kernel_siginfo; siginfo_t of POSIX. Which members mean something `code` and `signal` say;
/// the others are 0.
struct SigInfo {
  Signal signal;           ///< si_signo
  int code = 0;            ///< si_code
  Pid pid;                 ///< si_pid, in the receiver's pid namespace; 0: from outside it
  Uid uid;                 ///< si_uid
  int status = 0;          ///< si_status of SIGCHLD: an exit code or a signal
  std::int64_t value = 0;  ///< si_value of sigqueue(3) and timers
  bool operator==(const SigInfo&) const = default;
};

}  // namespace knell
