/// fs/locks.c: flock(2) and the record locks of fcntl(2).

#include <algorithm>
#include <cerrno>
#include <vector>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr std::int64_t kShared = 1, kExclusive = 2, kNonBlock = 4, kUnlock = 8;  // LOCK_*
constexpr std::int64_t kRead = 0, kWrite = 1, kUnlockType = 2;                   // F_*LCK

/// What somebody asleep wants of a file.
struct Request {
  Sys nr = Sys::none;
  LockedFile file;
  bool exclusive = false;
  std::size_t owner = 0;  ///< an open file, or a table of descriptors
};

/// The file itself, whichever way it was opened: both ends of a pipe are one, all signalfds are
/// (the one anonymous inode).
LockedFile locked_file(const File& file) {
  switch (file.type) {
    case File::Type::regular:
      return {File::Type::regular, file.number};
    case File::Type::pipe_read:
    case File::Type::pipe_write:
      return {File::Type::pipe_read, static_cast<std::uint32_t>(file.pipe.place())};
    case File::Type::tty:
      return {File::Type::tty, static_cast<std::uint32_t>(file.tty.place())};
    case File::Type::signalfd:
    case File::Type::none:
      break;
  }
  return {file.type, 0};
}

/// flock_locks_conflict, posix_locks_conflict, of two that wait for one file.
bool conflict(const Request& a, const Request& b) {
  return a.owner != b.owner && (a.exclusive || b.exclusive);
}

Request wanted_by(const World& world, TaskIndex sleeper) {
  const Call& call = sleeping_in(world, sleeper);
  if (call.nr != Sys::flock && call.nr != Sys::fcntl_setlk) return {};
  const FileIndex file = file_of(world, sleeper, call.arg[0]);
  if (!file) return {};
  const bool exclusive =
      call.nr == Sys::flock ? (call.arg[1] & kExclusive) != 0 : call.arg[1] == kWrite;
  const std::size_t owner = call.nr == Sys::flock ? file.place() : world[sleeper].files.place();
  return {call.nr, locked_file(world[file]), exclusive, owner};
}

/// locks_wake_up_blocks: those who wait for the file try again, but for those who wait for one
/// that waits before them.
void wake_blocked(Kernel& kernel, Sys nr, const LockedFile& file) {
  const World& world = kernel.world;
  std::vector<Request> woken;
  for (const TaskIndex sleeper : world.sleepers) {
    const Request request = wanted_by(world, sleeper);
    if (request.nr != nr || request.file != file) continue;
    const auto in_the_way = [&](const Request& other) { return conflict(request, other); };
    if (std::ranges::any_of(woken, in_the_way)) continue;
    wake_up_process(kernel, sleeper);
    woken.push_back(request);
  }
}

/// locks_insert_block: one who has tried again and has to go on waiting wakes those who wait for
/// it; what is in its way need not be in theirs.
void wake_those_behind(Kernel& kernel, TaskIndex current) {
  const World& world = kernel.world;
  const auto self = std::ranges::find(world.sleepers, current);
  if (self == world.sleepers.end()) return;  // it has only come
  const Request mine = wanted_by(world, current);
  std::for_each(self + 1, world.sleepers.end(), [&](TaskIndex sleeper) {
    const Request other = wanted_by(world, sleeper);
    if (other.nr == mine.nr && other.file == mine.file && conflict(mine, other))
      wake_up_process(kernel, sleeper);
  });
}

/// flock_locks_conflict
bool flock_conflicts(const World& world, FileIndex mine, bool exclusive) {
  return std::ranges::any_of(world.open_files, [&](const File& file) {
    if (&file == &world[mine] || file.flock == 0) return false;
    return locked_file(file) == locked_file(world[mine]) && (exclusive || file.flock == kExclusive);
  });
}

/// posix_locks_conflict: the owner of a lock that is in the way, or none.
FilesIndex posix_conflict(const World& world, FilesIndex owner, const LockedFile& file,
                          bool write) {
  for (const PosixLock& lock : world.posix_locks)
    if (lock.file == file && lock.owner != owner && (write || lock.write)) return lock.owner;
  return {};
}

/// what_owner_is_waiting_for
FilesIndex waits_on(const World& world, FilesIndex owner) {
  for (const TaskIndex sleeper : world.sleepers) {
    if (world[sleeper].files != owner) continue;
    const Request request = wanted_by(world, sleeper);
    if (request.nr != Sys::fcntl_setlk) continue;
    if (const FilesIndex other = posix_conflict(world, owner, request.file, request.exclusive))
      return other;
  }
  return {};
}

/// posix_locks_deadlock
bool would_deadlock(const World& world, FilesIndex caller, FilesIndex blocker) {
  constexpr int kMaxSteps = 10;  // MAX_DEADLK_ITERATIONS
  for (int i = 0; i < kMaxSteps && blocker; ++i) {
    if (blocker == caller) return true;
    blocker = waits_on(world, blocker);
  }
  return false;
}

bool remove_posix(World& world, FilesIndex owner, const LockedFile& file) {
  return std::erase_if(world.posix_locks, [&](const PosixLock& lock) {
           return lock.owner == owner && lock.file == file;
         }) > 0;
}

}  // namespace

/// flock_lock_inode: a lock that is changed is given up first, and may be lost on the way.
Outcome sys_flock(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const FileIndex index = file_of(world, current, call.arg[0]);
  if (!index) return -EBADF;
  const std::int64_t operation = call.arg[1] & ~kNonBlock;
  if (operation != kShared && operation != kExclusive && operation != kUnlock) return -EINVAL;
  if (world[index].flock == operation) return 0;
  const LockedFile number = locked_file(world[index]);
  if (world[index].flock != 0) {
    world[index].flock = 0;
    wake_blocked(kernel, Sys::flock, number);
  }
  if (operation == kUnlock) return 0;
  if (flock_conflicts(world, index, operation == kExclusive)) {
    if ((call.arg[1] & kNonBlock) != 0) return -EAGAIN;
    wake_those_behind(kernel, current);
    return {};
  }
  world[index].flock = static_cast<std::uint8_t>(operation);
  return 0;
}

void locks_remove_flock(Kernel& kernel, FileIndex file) {
  File& of = kernel.world[file];
  if (of.flock == 0) return;
  of.flock = 0;
  wake_blocked(kernel, Sys::flock, locked_file(of));
}

/// posix_lock_inode, for locks on whole files.
Outcome sys_fcntl_setlk(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const auto [fd, type, wait, unused, unused2] = call.arg;
  const FileIndex index = file_of(world, current, fd);
  if (!index) return -EBADF;
  if (type != kRead && type != kWrite && type != kUnlockType) return -EINVAL;
  if (type == kRead && world[index].type == File::Type::pipe_write) return -EBADF;
  if (type == kWrite && world[index].type == File::Type::pipe_read) return -EBADF;
  const FilesIndex owner = world[current].files;
  const LockedFile number = locked_file(world[index]);
  if (type != kUnlockType) {
    if (const FilesIndex other = posix_conflict(world, owner, number, type == kWrite)) {
      if (wait == 0) return -EAGAIN;
      if (would_deadlock(world, owner, other)) return -EDEADLK;
      wake_those_behind(kernel, current);
      return {};
    }
  }
  const bool had = remove_posix(world, owner, number);
  if (type != kUnlockType) world.posix_locks.push_back({number, type == kWrite, owner});
  if (had) wake_blocked(kernel, Sys::fcntl_setlk, number);
  if (type == kUnlockType || lookup_fd(world, current, fd) == index) return 0;
  locks_remove_posix(kernel, owner, index);  // somebody closed the descriptor while it waited
  return -EBADF;
}

void locks_remove_posix(Kernel& kernel, FilesIndex owner, FileIndex file) {
  const LockedFile of = locked_file(kernel.world[file]);
  if (remove_posix(kernel.world, owner, of)) wake_blocked(kernel, Sys::fcntl_setlk, of);
}

}  // namespace knell::kernel
