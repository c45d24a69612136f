#pragma once

/// A system call as a value: which one, and its arguments as numbers. The same value is carried out
/// by `kernel/` in a World and by a real process on the real machine.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "knell/world/siginfo.hpp"

namespace knell {

/// Which call. Behind each its arguments, in the order of `Call::arg`, then what `CallResult` says.
/// Pids are numbers in the caller's pid namespace, sets of signals are the bits of a SigSet, flags
/// and options have the numbers of Linux (x86-64, arm64 and RISC-V agree on all that are used).
enum class Sys : std::uint8_t {
  none,

  // Signals sent.
  kill,               ///< pid, signal
  tkill,              ///< tid, signal
  tgkill,             ///< tgid, tid, signal
  rt_sigqueueinfo,    ///< tgid, signal, si_code, si_value; si_pid and si_uid are the caller's own
  rt_tgsigqueueinfo,  ///< tgid, tid, signal, si_code, si_value; likewise
  pidfd_send_signal,  ///< pid, signal, flags (PIDFD_SIGNAL_*), PIDFD_THREAD or 0 for pidfd_open

  // Signals awaited, caught, blocked.
  rt_sigaction,     ///< signal, handler (a `Handler`), flags (SA_*), mask
  rt_sigprocmask,   ///< how (SIG_BLOCK 0, SIG_UNBLOCK 1, SIG_SETMASK 2), set
  rt_sigpending,    ///< → value: the set
  rt_sigtimedwait,  ///< set, wait: 0 looks and returns, -1 waits for ever → value: signal; info
  rt_sigsuspend,    ///< set
  pause,            ///< sleeps until a handler ran
  sigaltstack,      ///< ss_flags: 0 gives the task one, SS_DISABLE 2 takes it away,
                    ///< SS_AUTODISARM 1 << 31
  rt_sigreturn,     ///< leaves the handler the task is in (one that `holds`)

  // Tasks begun and ended.
  clone,       ///< flags (CLONE_*; a stack of its own where CLONE_VM), exit signal → value: pid
  execve,      ///< runs this program anew
  exit,        ///< code: of this thread alone
  exit_group,  ///< code
  wait4,       ///< pid, options → value: pid, status
  waitid,  ///< P_ALL 0, P_PID 1, P_PGID 2 or P_PIDFD 3; id (of P_PIDFD: the pid); options → info

  // Groups, sessions, credentials, what prctl sets.
  setpgid,    ///< pid, pgid
  setsid,     ///< → value: the session
  setresuid,  ///< ruid, euid, suid; -1: unchanged
  prctl,      ///< option (PR_SET_PDEATHSIG 1, PR_SET_CHILD_SUBREAPER 36), value
  prlimit,    ///< RLIMIT_SIGPENDING 11 of the caller, soft limit
  ptrace,     ///< request, pid, data

  // Files, and what is waited for in them.
  pipe,         ///< → value: the end to read, and the end to write << 16
  read,         ///< fd: of a pipe or terminal one byte, of a signalfd one signal → value; info
  write,        ///< fd: one byte → value
  close,        ///< fd
  signalfd,     ///< set → value: fd
  open,         ///< number of a file (0 to 7) → value: fd
  flock,        ///< fd, operation (LOCK_SH 1, LOCK_EX 2, LOCK_UN 8, LOCK_NB 4)
  fcntl_setlk,  ///< fd, type (F_RDLCK 0, F_WRLCK 1, F_UNLCK 2), wait: 1 F_SETLKW, 0 F_SETLK;
                ///< the whole file

  // Between processes.
  robust_lock,    ///< number of a lock (0 to 7), wait: a robust pi-less mutex → value: 0, or 1 if
                  ///< its owner had died (FUTEX_OWNER_DIED); -EBUSY where it does not wait
  robust_unlock,  ///< number of a lock
  semop,          ///< number of a semaphore (0 to 3) of the one set, delta, flags (SEM_UNDO 0x1000,
                  ///< IPC_NOWAIT 0x800)
  shmat,          ///< the one segment → value: 0
  shmdt,          ///< the one segment

  // Terminals.
  open_tty,   ///< flags: O_NOCTTY 0x100 or 0; number of the terminal → value: fd
  tiocsctty,  ///< fd, force
  tiocnotty,  ///< fd
  tcsetpgrp,  ///< fd, pgid
  tcgetpgrp,  ///< fd → value: pgid

  // Time.
  setitimer,  ///< ITIMER_REAL 0, milliseconds until it fires, milliseconds between firings
  alarm,      ///< seconds → value: seconds that were left
  nanosleep,  ///< milliseconds

  // Not a call: the program does something that makes the hardware complain.
  fault,  ///< SIGSEGV, SIGFPE, SIGILL, SIGBUS or SIGTRAP; a handler that returns goes on behind it
};

/// What a program wants done with a signal: the first two are Linux' own (SIG_DFL, SIG_IGN), the
/// others a function of the program's, of two kinds.
enum class Handler : std::uint8_t {
  by_default = 0,
  ignore = 1,
  returns = 2,  ///< a handler that notes the signal and returns
  holds = 3,    ///< a handler that stays, and goes on making calls, until it is told to return
};

struct Call {
  Sys nr = Sys::none;
  std::array<std::int64_t, 5> arg{};
  bool operator==(const Call&) const = default;
};

/// What a call returned to the program that made it.
struct CallResult {
  Sys nr = Sys::none;
  std::int64_t value = 0;  ///< what it returns; -errno of a failure
  int status = 0;          ///< the status word of wait4(2)
  SigInfo info;            ///< of waitid, rt_sigtimedwait and read from a signalfd
  bool operator==(const CallResult&) const = default;
};

/// The call's name as in Linux ("rt_sigprocmask"); `robust_lock` and the like as above.
[[nodiscard]] std::string_view name_of(Sys nr);
/// The function of Linux that it enters ("sys_rt_sigprocmask").
[[nodiscard]] std::string_view entry_of(Sys nr);

}  // namespace knell
