#include "knell/conform/world_hash.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace knell::conform {
namespace {

/// Two 64-bit hashes of one stream of numbers, each a multiplication folded onto itself.
class Hasher {
public:
  void number(std::uint64_t value) {
    high_ = fold(high_ ^ value, 0x9e3779b97f4a7c15);
    low_ = fold(low_ + value, 0xd6e8feb86659fd93);
  }
  [[nodiscard]] WorldHash result() const { return {high_, low_}; }

private:
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a ^ 0xa0761d6478bd642f) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  std::uint64_t high_ = 0x243f6a8885a308d3;
  std::uint64_t low_ = 0x13198a2e03707344;
};

// Every structure is taken apart into all of its members: one that gets a new member does not
// compile until somebody has thought about it here.

template <class Value>
  requires std::integral<Value> || std::is_enum_v<Value>
void add(Hasher& hash, Value value) {
  hash.number(static_cast<std::uint64_t>(value));
}
template <class Tag, class Rep>
void add(Hasher& hash, Strong<Tag, Rep> value) {
  hash.number(static_cast<std::uint64_t>(value.value()));
}
template <class Tag>
void add(Hasher& hash, Index<Tag> value) {
  hash.number(value.place());
}
void add(Hasher& hash, Signal value) {
  hash.number(static_cast<std::uint64_t>(value.number()));
}
void add(Hasher& hash, SigSet value) {
  hash.number(value.bits());
}
void add(Hasher& hash, std::optional<std::uint8_t> value) {
  hash.number(value ? *value + 1U : 0U);
}
void add(Hasher& hash, const std::string& text) {
  hash.number(std::hash<std::string>{}(text));
}

void add(Hasher& hash, const SigInfo& value);
void add(Hasher& hash, const Call& value);
void add(Hasher& hash, const CallResult& value);
void add(Hasher& hash, const Regs& value);
void add(Hasher& hash, const SigFrame& value);
void add(Hasher& hash, const HandlerRun& value);
void add(Hasher& hash, const SemUndo& value);
void add(Hasher& hash, const UserContext& value);
void add(Hasher& hash, const File& value);
void add(Hasher& hash, const Descriptor& value);
void add(Hasher& hash, const Pipe& value);
void add(Hasher& hash, const Tty& value);
void add(Hasher& hash, const LockedFile& value);
void add(Hasher& hash, const HeldLock& value);
void add(Hasher& hash, const BlockedLock& value);
void add(Hasher& hash, const RobustLock& value);
void add(Hasher& hash, const RealTimer& value);
void add(Hasher& hash, const SigQueue& value);
void add(Hasher& hash, const SigPending& value);
void add(Hasher& hash, const Jobctl& value);
void add(Hasher& hash, const Ptrace& value);
void add(Hasher& hash, const Task& value);
void add(Hasher& hash, const SignalStruct& value);
void add(Hasher& hash, const SaMask& value);
void add(Hasher& hash, const SighandStruct& value);
void add(Hasher& hash, const MmStruct& value);
void add(Hasher& hash, const FilesStruct& value);
void add(Hasher& hash, const Cred& value);
void add(Hasher& hash, const PidNamespace& value);

template <class First, class Second>
void add(Hasher& hash, const std::pair<First, Second>& value) {
  add(hash, value.first);
  add(hash, value.second);
}
template <class Value, std::size_t size>
void add(Hasher& hash, const std::array<Value, size>& values) {
  for (const Value& value : values) add(hash, value);
}
template <class Value>
void add(Hasher& hash, const std::vector<Value>& values) {
  hash.number(values.size());
  for (const Value& value : values) add(hash, value);
}
template <class... Members>
void all(Hasher& hash, const Members&... members) {
  (add(hash, members), ...);
}

void add(Hasher& hash, const SigInfo& of) {
  const auto& [signal, code, pid, uid, status, value] = of;
  all(hash, signal, code, pid, uid, status, value);
}
void add(Hasher& hash, const Call& of) {
  const auto& [nr, arg] = of;
  all(hash, nr, arg);
}
void add(Hasher& hash, const CallResult& of) {
  const auto& [nr, value, status, info] = of;
  all(hash, nr, value, status, info);
}
void add(Hasher& hash, const Regs& of) {
  const auto& [next, call, result, has_slept] = of;
  all(hash, next, call, result, has_slept);
}
void add(Hasher& hash, const SigFrame& of) {
  const auto& [info, regs, saved, handler, entered, on_altstack, saved_altstack, saved_autodisarm,
               saved_stale] = of;
  all(hash, info, regs, saved, handler, entered, on_altstack, saved_altstack, saved_autodisarm,
      saved_stale);
}
void add(Hasher& hash, const HandlerRun& of) {
  const auto& [info, blocked, on_altstack] = of;
  all(hash, info, blocked, on_altstack);
}
void add(Hasher& hash, const SemUndo& of) {
  const auto& [semaphore, adjust] = of;
  all(hash, semaphore, adjust);
}
void add(Hasher& hash, const UserContext& of) {
  const auto& [regs, taken, in_call, waits_until, file, awaited, waits_in, wake, frames, ran, last,
               returned, altstack, altstack_autodisarm, altstack_stale, restore_sigmask,
               saved_sigmask, robust_list, robust_pending, sem_undo] = of;
  all(hash, regs, taken, in_call, waits_until, file, awaited, waits_in, wake, frames, ran, last,
      returned, altstack, altstack_autodisarm, altstack_stale, restore_sigmask, saved_sigmask,
      robust_list, robust_pending, sem_undo);
}
void add(Hasher& hash, const File& of) {
  const auto& [type, refs, number, pipe, tty, sigmask] = of;
  all(hash, type, refs, number, pipe, tty, sigmask);
}
void add(Hasher& hash, const Descriptor& of) {
  const auto& [fd, file] = of;
  all(hash, fd, file);
}
void add(Hasher& hash, const Pipe& of) {
  const auto& [readers, writers, bytes] = of;
  all(hash, readers, writers, bytes);
}
void add(Hasher& hash, const Tty& of) {
  const auto& [device, session, foreground, opened, bytes, hung_up, tostop] = of;
  all(hash, device, session, foreground, opened, bytes, hung_up, tostop);
}
void add(Hasher& hash, const LockedFile& of) {
  const auto& [type, number] = of;
  all(hash, type, number);
}
void add(Hasher& hash, const HeldLock& of) {
  const auto& [type, file, exclusive, owner] = of;
  all(hash, type, file, exclusive, owner);
}
void add(Hasher& hash, const BlockedLock& of) {
  const auto& [waiter, wants, behind, owner] = of;
  all(hash, waiter, wants, behind, owner);
}
void add(Hasher& hash, const RobustLock& of) {
  const auto& [owner, tid, waiters, owner_died] = of;
  all(hash, owner, tid, waiters, owner_died);
}
void add(Hasher& hash, const RealTimer& of) {
  const auto& [expires, interval] = of;
  all(hash, expires, interval);
}
void add(Hasher& hash, const SigQueue& of) {
  const auto& [info, accounted, charged] = of;
  all(hash, info, accounted, charged);
}
void add(Hasher& hash, const SigPending& of) {
  const auto& [signal, list] = of;
  all(hash, signal, list);
}
void add(Hasher& hash, const Jobctl& of) {
  const auto& [stop_pending, stop_consume, stop_dequeued, trap_stop, trap_notify, trap_late,
               listening, stop_signal] = of;
  all(hash, stop_pending, stop_consume, stop_dequeued, trap_stop, trap_notify, trap_late, listening,
      stop_signal);
}
void add(Hasher& hash, const Ptrace& of) {
  const auto& [traced, seized, link, exitkill, stop_code, last_siginfo, in_stop, delivering,
               shared] = of;
  all(hash, traced, seized, link, exitkill, stop_code, last_siginfo, in_stop, delivering, shared);
}
void add(Hasher& hash, const Task& of) {
  const auto& [pid, comm, state, known, kernel_thread, exiting, signal_pending, in_handler,
               in_execve, in_vfork, killable, in_zap, group_dead, exit_step, closing, on_rq,
               fork_no_exec, exit_trace, jobctl, signal, sighand, cred, mm, files, pid_ns, numbers,
               context, real_parent, parent, first_child, last_child, next_sibling, prev_sibling,
               next_thread, blocked, real_blocked, pending, ptrace, exit_signal, self_exec_id,
               parent_exec_id, pdeath_signal, vfork_child, vfork_parent, exit_code] = of;
  all(hash, pid, comm, state, known, kernel_thread, exiting, signal_pending, in_handler, in_execve,
      in_vfork, killable, in_zap, group_dead, exit_step, closing, on_rq, fork_no_exec, exit_trace,
      jobctl, signal, sighand, cred, mm, files, pid_ns, numbers, context, real_parent, parent,
      first_child, last_child, next_sibling, prev_sibling, next_thread, blocked, real_blocked,
      pending, ptrace, exit_signal, self_exec_id, parent_exec_id, pdeath_signal, vfork_child,
      vfork_parent, exit_code);
}
void add(Hasher& hash, const SignalStruct& of) {
  const auto& [leader, nr_threads, live, start, pidfd, pgrp, joined_pgrp, session, tty, tty_struct,
               leads_session, tty_old_pgrp, shared_pending, curr_target, last_thread, group_exec,
               group_stop_count, stop_stopped, stop_continued, cld_stopped, cld_continued,
               group_stop_code, real_timer, sigpending_limit, group_exit, group_exit_code,
               unkillable, child_subreaper] = of;
  all(hash, leader, nr_threads, live, start, pidfd, pgrp, joined_pgrp, session, tty, tty_struct,
      leads_session, tty_old_pgrp, shared_pending, curr_target, last_thread, group_exec,
      group_stop_count, stop_stopped, stop_continued, cld_stopped, cld_continued, group_stop_code,
      real_timer, sigpending_limit, group_exit, group_exit_code, unkillable, child_subreaper);
}
void add(Hasher& hash, const SaMask& of) {
  const auto& [signal, mask] = of;
  all(hash, signal, mask);
}
void add(Hasher& hash, const SighandStruct& of) {
  const auto& [ignored, caught, restart, siginfo, nodefer, resethand, onstack, returns, nocldstop,
               nocldwait, masks, users] = of;
  all(hash, ignored, caught, restart, siginfo, nodefer, resethand, onstack, returns, nocldstop,
      nocldwait, masks, users);
}
void add(Hasher& hash, const MmStruct& of) {
  const auto& [users, rss_bytes, private_bytes, swap_bytes, dumpable, shm_attached] = of;
  all(hash, users, rss_bytes, private_bytes, swap_bytes, dumpable, shm_attached);
}
void add(Hasher& hash, const FilesStruct& of) {
  const auto& [users, open, mapped, fds] = of;
  all(hash, users, fds);
}
void add(Hasher& hash, const Cred& of) {
  const auto& [uid, euid, suid, fsuid, gid, egid, sgid, fsgid, cap_effective, cap_permitted,
               user_ns] = of;
  all(hash, uid, euid, suid, fsuid, gid, egid, sgid, fsgid, cap_effective, cap_permitted, user_ns);
}
void add(Hasher& hash, const PidNamespace& of) {
  const auto& [id, child_reaper, parent, last_pid, dying] = of;
  all(hash, id, child_reaper, parent, last_pid, dying);
}

}  // namespace

WorldHash hash_of(const World& world) {
  Hasher hash;
  all(hash, world.tasks, world.signals, world.sighands, world.mms, world.files, world.creds,
      world.pid_namespaces, world.contexts);
  all(hash, world.open_files, world.pipes, world.ttys, world.held_locks, world.blocked_locks,
      world.robust_locks, world.semaphores, world.shm_attached, world.sleepers, world.clock,
      world.by_pid);
  std::vector<TaskIndex> runnable = world.run_queue;
  std::ranges::sort(runnable);
  add(hash, runnable);
  return hash.result();
}

}  // namespace knell::conform
