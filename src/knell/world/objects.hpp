#pragma once

/// What processes share and wait for: open files, pipes, terminals, locks, semaphores.

#include <cstdint>
#include <vector>

#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"

namespace knell {

struct Task;
struct SignalStruct;
struct File;
struct Tty;
struct Pipe;
using FileIndex = Index<File>;
using TtyIndex = Index<Tty>;
using PipeIndex = Index<Pipe>;

/// An open file description (Linux: struct file).
struct File {
  enum class Type : std::uint8_t { none, regular, pipe_read, pipe_write, signalfd, tty };
  Type type = Type::none;
  std::uint32_t refs = 0;   ///< descriptors; at 0 it is closed for good
  std::uint8_t number = 0;  ///< of a regular file: which
  PipeIndex pipe;
  TtyIndex tty;
  SigSet sigmask;  ///< of a signalfd
  bool operator==(const File&) const = default;
};

/// A number in a table of descriptors.
struct Descriptor {
  int fd = 0;
  FileIndex file;
  bool operator==(const Descriptor&) const = default;
};

/// Linux: pipe_inode_info.
struct Pipe {
  std::uint32_t readers = 0;
  std::uint32_t writers = 0;
  std::uint32_t bytes = 0;
  bool operator==(const Pipe&) const = default;
};

/// A terminal (Linux: tty_struct): whose it is, and who is in the foreground.
struct Tty {
  std::uint32_t device = 0;  ///< as in SignalStruct::tty
  Sid session;               ///< 0: nobody's
  Pgid foreground;           ///< 0: none
  std::uint32_t opened = 0;  ///< open files
  std::uint32_t bytes = 0;   ///< typed and not read, a line each
  bool hung_up = false;
  bool tostop = false;  ///< termios(3) TOSTOP
  bool operator==(const Tty&) const = default;
};

/// A file that can be locked, whoever has it open (Linux: an inode).
struct LockedFile {
  File::Type type = File::Type::none;
  std::uint32_t number = 0;
  bool operator==(const LockedFile&) const = default;
};

/// A lock on a whole file, or the wish for one (Linux: file_lock_core).
struct HeldLock {
  enum class Type : std::uint8_t { flock, posix };  ///< flock(2), or a record lock of fcntl(2)
  Type type = Type::flock;
  LockedFile file;
  bool exclusive = false;
  std::uint32_t owner = 0;  ///< the place of an open file, or of a table of descriptors
  bool operator==(const HeldLock&) const = default;
};

/// Who waits for a lock, in the tree of all who do: behind one who waits and is in its way, or
/// behind a lock that is held (Linux: flc_blocker, flc_blocked_requests).
struct BlockedLock {
  Index<Task> waiter;
  HeldLock wants;
  Index<Task> behind;       ///< who waits before it; none: nobody, and
  std::uint32_t owner = 0;  ///< whose lock it waits for
  bool operator==(const BlockedLock&) const = default;
};

/// A robust mutex in shared memory: the word that user space and the kernel both know.
struct RobustLock {
  Index<Task> owner;        ///< who took it; none: free
  Pid tid;                  ///< FUTEX_TID_MASK: the owner's number then, in its own namespace
  bool waiters = false;     ///< FUTEX_WAITERS
  bool owner_died = false;  ///< FUTEX_OWNER_DIED
  bool operator==(const RobustLock&) const = default;
};

/// A task's real-time timer (Linux: hrtimer real_timer of signal_struct).
struct RealTimer {
  std::uint64_t expires = 0;  ///< virtual milliseconds; 0: not armed
  std::uint64_t interval = 0;
  bool operator==(const RealTimer&) const = default;
};

}  // namespace knell
