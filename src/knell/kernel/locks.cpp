/// fs/locks.c: flock(2) and the record locks of fcntl(2).
///
/// Who waits for a lock stands in a tree: behind the first lock that is held and in its way, or
/// behind one who waits for that already and is in its way, too. Only those next to a lock that is
/// given up are woken; the others wait on for whom they stand behind.

#include <algorithm>
#include <cerrno>
#include <ranges>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

using Type = HeldLock::Type;

constexpr std::int64_t kShared = 1, kExclusive = 2, kNonBlock = 4, kUnlock = 8;  // LOCK_*
constexpr std::int64_t kRead = 0, kWrite = 1, kUnlockType = 2;                   // F_*LCK

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

std::uint32_t owner_of(FileIndex file) {
  return static_cast<std::uint32_t>(file.place());
}
std::uint32_t owner_of(FilesIndex files) {
  return static_cast<std::uint32_t>(files.place());
}

/// flock_locks_conflict, posix_locks_conflict
bool locks_conflict(const HeldLock& a, const HeldLock& b) {
  return a.type == b.type && a.file == b.file && a.owner != b.owner && (a.exclusive || b.exclusive);
}

/// The first lock in the way.
const HeldLock* conflicting(const World& world, const HeldLock& wanted) {
  for (const HeldLock& held : world.held_locks)
    if (locks_conflict(held, wanted)) return &held;
  return nullptr;
}

/// What this owner has locked of the file, if anything.
HeldLock* lock_of_same_owner(World& world, const HeldLock& request) {
  const auto same = [&](const HeldLock& held) {
    return held.type == request.type && held.file == request.file && held.owner == request.owner;
  };
  const auto found = std::ranges::find_if(world.held_locks, same);
  return found == world.held_locks.end() ? nullptr : &*found;
}

/// __locks_wake_up_blocks: they are out of the tree, with those behind them, and try again.
template <class Standing>
void wake_up_blocks(Kernel& kernel, Standing stands_there) {
  World& world = kernel.world;
  for (const BlockedLock& blocked : world.blocked_locks)
    if (stands_there(blocked)) wake_up_process(kernel, blocked.waiter);
  std::erase_if(world.blocked_locks, stands_there);
}

void wake_up_behind(Kernel& kernel, TaskIndex waiter) {
  wake_up_blocks(kernel, [&](const BlockedLock& each) { return each.behind == waiter; });
}

bool waits_for(const BlockedLock& blocked, const HeldLock& held) {
  return !blocked.behind && blocked.wants.type == held.type && blocked.wants.file == held.file &&
         blocked.owner == held.owner;
}

/// locks_delete_lock_ctx
void locks_delete_lock(Kernel& kernel, HeldLock* at) {
  const HeldLock lock = *at;
  std::vector<HeldLock>& all = kernel.world.held_locks;
  all.erase(all.begin() + (at - all.data()));
  wake_up_blocks(kernel, [&](const BlockedLock& each) { return waits_for(each, lock); });
}

/// locks_insert_block: those who stand behind it may not have to wait for what is in its way.
void locks_insert_block(Kernel& kernel, const HeldLock& blocker, TaskIndex waiter,
                        const HeldLock& wanted) {
  World& world = kernel.world;
  BlockedLock request{waiter, wanted, {}, blocker.owner};
  const auto in_the_way = [&](const BlockedLock& other) {
    const bool beside = request.behind ? other.behind == request.behind : waits_for(other, blocker);
    return beside && locks_conflict(other.wants, wanted);
  };
  for (;;) {
    const auto found = std::ranges::find_if(world.blocked_locks, in_the_way);
    if (found == world.blocked_locks.end()) break;
    request.behind = found->waiter;
  }
  world.blocked_locks.push_back(request);
  wake_up_behind(kernel, waiter);
}

/// locks_move_blocks: who stood behind it when it waited waits for its lock now.
void locks_move_blocks(World& world, TaskIndex waiter, const HeldLock& held) {
  for (BlockedLock& blocked : world.blocked_locks)
    if (blocked.behind == waiter) {
      blocked.behind = {};
      blocked.owner = held.owner;
    }
}

/// what_owner_is_waiting_for: at the root of the tree it stands in; none: it waits for nobody.
std::optional<std::uint32_t> what_owner_is_waiting_for(const World& world, std::uint32_t owner) {
  const std::vector<BlockedLock>& all = world.blocked_locks;
  const auto is_owner = [&](const BlockedLock& each) {
    return each.wants.type == Type::posix && each.wants.owner == owner;
  };
  const auto newest = std::ranges::find_if(all.rbegin(), all.rend(), is_owner);
  if (newest == all.rend()) return {};
  BlockedLock at = *newest;
  while (at.behind) {
    const auto before = std::ranges::find(all, at.behind, &BlockedLock::waiter);
    // One that was woken and has not tried again: it stands behind nobody.
    if (before == all.end()) return owner_of(world[at.behind].files);
    at = *before;
  }
  return at.owner;
}

/// posix_locks_deadlock
bool posix_locks_deadlock(const World& world, std::uint32_t caller, std::uint32_t blocker) {
  constexpr int kMostSteps = 10;  // MAX_DEADLK_ITERATIONS
  for (int step = 0;; ++step) {
    const std::optional<std::uint32_t> next = what_owner_is_waiting_for(world, blocker);
    if (!next || step > kMostSteps) return false;
    if (*next == caller) return true;
    blocker = *next;
  }
}

/// The part of posix_lock_inode where the lock is to be had, or was: whole files only.
void posix_lock(Kernel& kernel, TaskIndex current, const HeldLock& request) {
  World& world = kernel.world;
  HeldLock* const held = lock_of_same_owner(world, request);
  if (held != nullptr && held->exclusive == request.exclusive) return;
  if (held != nullptr) {
    held->exclusive = request.exclusive;
    wake_up_blocks(kernel, [&](const BlockedLock& each) { return waits_for(each, request); });
  } else {
    world.held_locks.push_back(request);
  }
  locks_move_blocks(world, current, request);
}

void posix_unlock(Kernel& kernel, const HeldLock& request) {
  if (HeldLock* const held = lock_of_same_owner(kernel.world, request); held != nullptr)
    locks_delete_lock(kernel, held);
}

HeldLock posix_request(const World& world, FilesIndex owner, FileIndex file, bool exclusive) {
  return {Type::posix, locked_file(world[file]), exclusive, owner_of(owner)};
}

}  // namespace

bool waits_for_lock(const World& world, TaskIndex task) {
  return std::ranges::find(world.blocked_locks, task, &BlockedLock::waiter) !=
         world.blocked_locks.end();
}

void locks_delete_block(Kernel& kernel, TaskIndex waiter) {
  if (kernel.world.blocked_locks.empty()) return;
  wake_up_behind(kernel, waiter);
  std::erase_if(kernel.world.blocked_locks,
                [&](const BlockedLock& each) { return each.waiter == waiter; });
}

/// flock_lock_inode: a lock that is changed is given up first, and may be lost on the way.
Outcome sys_flock(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const FileIndex index = file_of(world, current, call.arg[0]);
  if (!index) return -EBADF;
  const std::int64_t operation = call.arg[1] & ~kNonBlock;
  if (operation != kShared && operation != kExclusive && operation != kUnlock) return -EINVAL;
  const HeldLock request{Type::flock, locked_file(world[index]), operation == kExclusive,
                         owner_of(index)};
  HeldLock* const held = lock_of_same_owner(world, request);
  if (held != nullptr && operation != kUnlock && held->exclusive == request.exclusive) return 0;
  if (held != nullptr) locks_delete_lock(kernel, held);
  if (operation == kUnlock) return 0;
  if (const HeldLock* const blocker = conflicting(world, request)) {
    if ((call.arg[1] & kNonBlock) != 0) return -EAGAIN;
    locks_insert_block(kernel, *blocker, current, request);
    return {};
  }
  locks_move_blocks(world, current, request);
  world.held_locks.push_back(request);
  return 0;
}

void locks_remove_flock(Kernel& kernel, FileIndex file) {
  const HeldLock any{Type::flock, locked_file(kernel.world[file]), false, owner_of(file)};
  if (HeldLock* const held = lock_of_same_owner(kernel.world, any); held != nullptr)
    locks_delete_lock(kernel, held);
}

/// fcntl_setlk and posix_lock_inode, for locks on whole files.
Outcome sys_fcntl_setlk(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const auto [fd, type, wait, unused, unused2] = call.arg;
  const FileIndex index = file_of(world, current, fd);
  if (!index) return -EBADF;
  if (type != kRead && type != kWrite && type != kUnlockType) return -EINVAL;
  if (type == kRead && world[index].type == File::Type::pipe_write) return -EBADF;
  if (type == kWrite && world[index].type == File::Type::pipe_read) return -EBADF;
  const HeldLock request = posix_request(world, world[current].files, index, type == kWrite);
  if (type == kUnlockType) return posix_unlock(kernel, request), 0;
  if (const HeldLock* const blocker = conflicting(world, request)) {
    if (wait == 0) return -EAGAIN;
    wake_up_behind(kernel, current);
    if (posix_locks_deadlock(world, request.owner, blocker->owner)) return -EDEADLK;
    locks_insert_block(kernel, *blocker, current, request);
    return {};
  }
  posix_lock(kernel, current, request);
  if (lookup_fd(world, current, fd) == index) return 0;
  posix_unlock(kernel, request);  // somebody closed the descriptor while it waited
  return -EBADF;
}

void locks_remove_posix(Kernel& kernel, FilesIndex owner, FileIndex file) {
  posix_unlock(kernel, posix_request(kernel.world, owner, file, false));
}

}  // namespace knell::kernel
