/// kernel/signal.c: the queues of signals that wait.

#include <algorithm>

#include "knell/kernel/signal.hpp"

namespace knell::kernel {
namespace {

std::uint32_t& sigqueue_count(World& world, Uid user) {
  auto found = std::ranges::find(world.sigqueue_count, user, &std::pair<Uid, std::uint32_t>::first);
  if (found != world.sigqueue_count.end()) return found->second;
  return world.sigqueue_count.emplace_back(user, 0).second;
}

void sigqueue_free(World& world, const SigQueue& entry) {
  if (entry.accounted) --sigqueue_count(world, entry.charged);
}

/// next_signal: faults first, then the lowest number.
Signal next_signal(SigSet pending, SigSet blocked) {
  const SigSet ready = pending & ~blocked;
  if (ready.empty()) return {};
  const SigSet faults = ready & signals::kSynchronous;
  return faults.empty() ? ready.lowest() : faults.lowest();
}

/// collect_signal: the first of its number; the set keeps it as long as there is another.
SigInfo collect_signal(World& world, SigPending& pending, Signal signal) {
  const auto is_it = [&](const SigQueue& entry) { return entry.info.signal == signal; };
  const auto first = std::ranges::find_if(pending.list, is_it);
  if (first == pending.list.end()) {  // it had no entry: what came with it was lost
    pending.signal.remove(signal);
    return {.signal = signal, .code = si::kUser};
  }
  const SigInfo info = first->info;
  sigqueue_free(world, *first);
  const auto next = pending.list.erase(first);
  if (std::none_of(next, pending.list.end(), is_it)) pending.signal.remove(signal);
  return info;
}

/// Only some of those that the kernel itself raises for what the thread did (SI_USER is 0).
bool is_synchronous(const SigQueue& entry, SigSet blocked) {
  return entry.info.code > si::kUser && signals::kSynchronous.has(entry.info.signal) &&
         !blocked.has(entry.info.signal);
}

}  // namespace

bool enqueue(World& world, TaskIndex target, SigPending& pending, const SigInfo& info,
             bool override_rlimit) {
  SigQueue entry{.info = info, .accounted = false, .charged = {}};
  if (world[target].cred) {  // charged to the receiver's real user
    entry.charged = world[world[target].cred].uid;
    std::uint32_t& count = sigqueue_count(world, entry.charged);
    if (!override_rlimit && count + 1 > world.signal_of(target).sigpending_limit) return false;
    ++count;
    entry.accounted = true;
  }
  pending.list.push_back(entry);
  return true;
}

SigInfo dequeue_from(World& world, SigPending& pending, SigSet blocked) {
  const Signal signal = next_signal(pending.signal, blocked);
  return signal.number() == 0 ? SigInfo{} : collect_signal(world, pending, signal);
}

/// The thread's own before the group's. A real-time timer's interval begins when its signal is
/// taken, not when it was sent.
SigInfo dequeue_signal(Kernel& kernel, TaskIndex task, SigSet blocked) {
  World& world = kernel.world;
  SigInfo info = dequeue_from(world, world[task].pending, blocked);
  if (info.signal.number() == 0) {
    SignalStruct& group = world.signal_of(task);
    info = dequeue_from(world, group.shared_pending, blocked);
    if (info.signal == signals::kAlrm && group.real_timer.interval != 0 &&
        group.real_timer.expires == 0)
      group.real_timer.expires = world.clock + group.real_timer.interval;
  }
  recalc_sigpending(world, task);
  if (signals::kKernelStop.has(info.signal)) world[task].jobctl.stop_dequeued = true;
  return info;
}

SigInfo dequeue_synchronous_signal(World& world, TaskIndex task) {
  SigPending& pending = world[task].pending;
  const SigSet blocked = world[task].blocked;
  if ((pending.signal & ~blocked & signals::kSynchronous).empty()) return {};
  const auto found = std::ranges::find_if(
      pending.list, [&](const SigQueue& entry) { return is_synchronous(entry, blocked); });
  if (found == pending.list.end()) return {};
  const SigInfo info = collect_signal(world, pending, found->info.signal);
  recalc_sigpending(world, task);
  return info;
}

void flush_sigqueue_mask(World& world, SigPending& pending, SigSet mask) {
  if ((pending.signal & mask).empty()) return;
  pending.signal.remove(mask);
  std::erase_if(pending.list, [&](const SigQueue& entry) {
    if (!mask.has(entry.info.signal)) return false;
    sigqueue_free(world, entry);
    return true;
  });
}

void flush_sigqueue(World& world, SigPending& pending) {
  for (const SigQueue& entry : pending.list) sigqueue_free(world, entry);
  pending = {};
}

}  // namespace knell::kernel
