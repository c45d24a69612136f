#include "knell/world/diff.hpp"

#include <algorithm>

namespace knell {
namespace {

template <class Object>
void compare(const std::vector<Object>& before, const std::vector<Object>& after, Change::List list,
             std::vector<Change>& changes) {
  const std::size_t both = std::min(before.size(), after.size());
  const std::size_t all = std::max(before.size(), after.size());
  for (std::size_t place = 0; place < all; ++place)
    if (place >= both || !(before[place] == after[place]))
      changes.push_back({list, static_cast<std::uint32_t>(place), place >= before.size()});
}

bool rest_differs(const World& before, const World& after) {
  return before.clock != after.clock || before.now != after.now ||
         before.run_queue != after.run_queue || before.sleepers != after.sleepers ||
         before.sigqueue_count != after.sigqueue_count || before.by_pid != after.by_pid ||
         before.shm_attached != after.shm_attached || before.unread != after.unread ||
         before.ticks_per_second != after.ticks_per_second ||
         before.global_init != after.global_init;
}

}  // namespace

std::vector<Change> diff(const World& before, const World& after) {
  using enum Change::List;
  std::vector<Change> changes;
  compare(before.tasks, after.tasks, tasks, changes);
  compare(before.signals, after.signals, signals, changes);
  compare(before.sighands, after.sighands, sighands, changes);
  compare(before.mms, after.mms, mms, changes);
  compare(before.files, after.files, files, changes);
  compare(before.creds, after.creds, creds, changes);
  compare(before.pid_namespaces, after.pid_namespaces, pid_namespaces, changes);
  compare(before.contexts, after.contexts, contexts, changes);
  compare(before.open_files, after.open_files, open_files, changes);
  compare(before.pipes, after.pipes, pipes, changes);
  compare(before.ttys, after.ttys, ttys, changes);
  compare(before.held_locks, after.held_locks, held_locks, changes);
  compare(before.blocked_locks, after.blocked_locks, blocked_locks, changes);
  compare(before.robust_locks, after.robust_locks, robust_locks, changes);
  compare(before.semaphores, after.semaphores, semaphores, changes);
  compare(before.details, after.details, details, changes);
  compare(before.sockets, after.sockets, sockets, changes);
  compare(before.locks, after.locks, locks, changes);
  compare(before.units, after.units, units, changes);
  if (rest_differs(before, after)) changes.push_back({rest, 0, false});
  return changes;
}

}  // namespace knell
