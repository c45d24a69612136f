#pragma once

/// What a program is doing, as far as its kernel knows: the call it is in, the frames of handlers
/// on its stack, what the handlers that ran were told.

#include <cstdint>
#include <optional>
#include <vector>

#include "knell/world/call.hpp"
#include "knell/world/objects.hpp"
#include "knell/world/siginfo.hpp"

namespace knell {

/// Where a task goes on when it is next in user mode (Linux: pt_regs, seen from the program).
struct Regs {
  enum class Next : std::uint8_t {
    program,  ///< in the middle of itself
    result,   ///< a call has returned `result`
    call,     ///< at the instruction that makes `call` (again)
  };
  Next next = Next::program;
  Call call;
  CallResult result;
  /// Of a mutex and of waitid on a pidfd: it has slept in it. Made again after a handler, the mutex
  /// is waited for in its program's loop, and the pidfd is open.
  bool has_slept = false;
  bool operator==(const Regs&) const = default;
};

/// A handler's frame on the user stack (Linux: rt_sigframe of arch/*/kernel/signal*).
struct SigFrame {
  SigInfo info;
  Regs regs;     ///< what was interrupted
  SigSet saved;  ///< the mask that sigreturn restores
  Handler handler = Handler::returns;
  bool entered = false;  ///< the handler has begun to run
  bool on_altstack = false;
  bool saved_altstack = false;  ///< the alternate stack that sigreturn gives back, if any
  bool saved_autodisarm = false;
  bool saved_stale = false;  ///< none, and it cannot be given back (UserContext::altstack_stale)
  bool operator==(const SigFrame&) const = default;
};

/// A handler that began to run: what it was told, and what it found.
struct HandlerRun {
  SigInfo info;
  SigSet blocked;  ///< the mask while it runs
  bool on_altstack = false;
  bool operator==(const HandlerRun&) const = default;
};

/// A System V semaphore's value to be given back at exit (Linux: sem_undo).
struct SemUndo {
  std::uint8_t semaphore = 0;
  int adjust = 0;
  bool operator==(const SemUndo&) const = default;
};

/// Of a task that a script drives. Tasks read from a machine have none until a handler of theirs
/// runs.
struct UserContext {
  Regs regs;
  SigInfo taken;                  ///< a signal it has begun to deliver while others ran; 0: none
  bool in_call = false;           ///< asleep in `regs.call`, or on its way in or out of it
  std::uint64_t waits_until = 0;  ///< for a timed call: the virtual time at which it is over
  FileIndex file;                 ///< of read, write and locks: held while it sleeps (fdget)
  Index<Task> awaited;            ///< of ptrace: whose program is being run anew
  Pgid waits_in;                  ///< of wait(2) for one's own group: which that was
  int wake = 0;                   ///< what the one who woke it leaves: a handed-over lock, -EIDRM
  std::vector<SigFrame> frames;   ///< the innermost last
  std::vector<HandlerRun> ran;    ///< since somebody last looked and emptied it
  CallResult last;                ///< of the call that returned last
  std::uint32_t returned = 0;     ///< how many calls have returned
  bool altstack = false;          ///< sigaltstack(2): has one
  bool altstack_autodisarm = false;
  bool altstack_stale = false;   ///< has none since an execve, which left the flags of the old one
  bool restore_sigmask = false;  ///< TIF_RESTORE_SIGMASK, and the mask to restore:
  SigSet saved_sigmask;
  std::vector<std::uint8_t> robust_list;       ///< locks it holds, the newest last
  std::optional<std::uint8_t> robust_pending;  ///< list_op_pending: the lock it waits for
  std::vector<SemUndo> sem_undo;               ///< what its end gives back (not CLONE_SYSVSEM)
  bool operator==(const UserContext&) const = default;
};

}  // namespace knell
