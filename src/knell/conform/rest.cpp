/// How it is known. For each thread T three things are read:
///
///   1. how often T has been switched off a processor, and that it is not running;
///   2. /proc/T/syscall, for which the kernel waits until T is off its processor, and is not about
///      to get one (wait_task_inactive);
///   3. once more what was read first.
///
/// All threads' first readings come before all second ones, and those before all third ones. If no
/// third reading differs from the first, then all threads slept from the last of the second
/// readings on. For suppose that one was woken after its second reading. The first to be woken so
/// was woken by a thread that still ran, whose second reading was to come; by then that one was off
/// its processor, and switched off it after its first reading: its third differs. A state letter
/// alone says less: a thread is S as soon as it has begun to lie down, and has still to look
/// whether what it would wait for is there already.
///
/// For a thread that did not move, the last reading of the last rest is its first reading now.
///
/// A thread that is released leaves nothing to be read while its parent, or its leader's, is still
/// to be told. That is one critical section of the kernel's lock of the list of tasks, and it is
/// waited for before the second readings.

#include "knell/conform/rest.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace knell::conform {
namespace {

using Clock = std::chrono::steady_clock;

/// The calls in which a thread may be asleep though everybody else is, too. In any other it waits
/// for a lock of the kernel's that somebody outside of the scenario holds for a moment.
bool may_sleep(Sys nr) {
  switch (nr) {
    case Sys::pause:
    case Sys::rt_sigsuspend:
    case Sys::rt_sigtimedwait:
    case Sys::wait4:
    case Sys::waitid:
    case Sys::read:
    case Sys::write:
    case Sys::open_tty:
    case Sys::flock:
    case Sys::fcntl_setlk:
    case Sys::robust_lock:
    case Sys::semop:
    case Sys::ptrace:
    case Sys::nanosleep:
      return true;
    default:
      return false;
  }
}

class Rest {
public:
  Rest(Company& company, const Init& init) : company_(company), init_(init) {}

  /// The first reading of one that is likely to have moved.
  void look_at(Pid pid);
  /// The others, of all. True if they are at rest.
  bool round();
  [[nodiscard]] std::string who_is_not() const;

private:
  [[nodiscard]] bool waits_for_its_namespace(const Player& player) const;
  [[nodiscard]] bool in_de_thread(Pid pid) const;
  bool everybody_sleeps();
  bool nobody_moved();
  [[nodiscard]] bool rests(const Player& player) const;
  [[nodiscard]] bool rests_uninterruptibly(const Player& player) const;

  Company& company_;
  const Init& init_;
};

void Rest::look_at(Pid pid) {
  Player* const player = company_.find(pid);
  if (player == nullptr) return;
  const auto look = player->files.look();
  if (look)
    player->look = *look;
  else
    company_.dismiss(pid);
}

bool Rest::round() {
  if (company_.admit_newcomer()) return false;
  company_.let_successor_take_over();
  init_.wait_for_tasklist_lock();
  return everybody_sleeps() && nobody_moved();
}

bool Rest::everybody_sleeps() {
  for (Player& player : company_.players()) {
    if (player.over) continue;
    player.asleep = player.files.asleep();
    if (player.asleep) continue;
    if (!player.files.look()) company_.dismiss(player.pid);  // it is not running, it is gone
    return false;
  }
  return true;
}

/// Reads all of them in any case: if it has to be done again, these are the first readings.
bool Rest::nobody_moved() {
  bool moved = false;
  std::vector<Pid> gone;
  for (Player& player : company_.players()) {
    const auto look = player.files.look();
    if (!look) {
      gone.push_back(player.pid);
      continue;
    }
    moved = moved || look->switches != player.look.switches || look->state != player.look.state;
    player.look = *look;
    moved = moved || !rests(player);
    player.over = player.look.state == 'Z' && !moved;
  }
  for (const Pid pid : gone) company_.dismiss(pid);
  return !moved && gone.empty();
}

bool Rest::rests(const Player& player) const {
  const Sys call = call_of(company_.slot_of(player));
  switch (player.look.state) {
    case 'Z':
    case 'T':
    case 't':
      return true;
    case 'S':
      if (!player.look.has_memory) return waits_for_its_namespace(player);
      if (call != Sys::none) return may_sleep(call);
      return player.asleep->call == SYS_futex &&
             player.asleep->argument == address_of_command(player.slot);
    case 'D':
      return rests_uninterruptibly(player);
    default:
      return false;
  }
}

/// Two sleeps that no signal but SIGKILL ends are waits for other threads of the scenario.
bool Rest::rests_uninterruptibly(const Player& player) const {
  const Slot& slot = company_.slot_of(player);
  switch (call_of(slot)) {
    case Sys::clone:  // vfork(2): the child lives
      return (slot.call.arg[0] & CLONE_VFORK) != 0 && company_.has_slot(slot.child);
    case Sys::execve:  // for the other threads, of which a tracer may keep one
      return player.look.seen.threads > 1 && in_de_thread(player.pid);
    default:
      return false;
  }
}

/// The end of a pid namespace's init waits until no number of the namespace is used but its
/// leader's and its own (zap_pid_ns_processes). It is woken by one who has left the list of tasks
/// already, so it counts which numbers are used.
bool Rest::waits_for_its_namespace(const Player& player) const {
  const Pid init = player.look.seen.tgid;
  const auto is_awaited = [&](int number) {
    return Pid(number) != init && Pid(number) != player.pid &&
           company_.births().in_namespace(Pid(number), init);
  };
  return std::ranges::any_of(company_.players(), [&](const Player& each) {
    const TaskSeen& seen = each.look.seen;
    return is_awaited(each.pid.value()) || is_awaited(seen.pgrp.value()) ||
           is_awaited(seen.session.value());
  });
}

/// Compilers put de_thread into the one function that calls it.
bool Rest::in_de_thread(Pid pid) const {
  const std::string function = function_it_sleeps_in(init_.proc(), pid);
  return function == "de_thread" || function == "begin_new_exec";
}

std::string Rest::who_is_not() const {
  std::string who;
  for (const Player& player : company_.players()) {
    if (player.asleep && rests(player)) continue;
    who += who.empty() ? "pid " : ", pid ";
    who += std::to_string(player.pid.value()) + " (" + player.look.state + " in ";
    who += name_of(call_of(company_.slot_of(player)));
    who += ", " + function_it_sleeps_in(init_.proc(), player.pid) + ')';
  }
  return who;
}

/// Leaves the processor to those who have something to do; to all of them, if it takes long.
void give_way(int rounds) {
  constexpr int kYields = 64;
  if (rounds < kYields)
    ::sched_yield();
  else
    ::usleep(rounds < 2 * kYields ? 50 : 1000);
}

/// Until the actor has made its call, if it does not sleep in it or end: a cheap look before the
/// others.
void wait_for(Company& company, Pid actor) {
  constexpr int kTries = 40;
  const Player* const player = company.find(actor);
  if (player == nullptr) return;
  const Slot& slot = company.slot_of(*player);
  for (int i = 0; i < kTries && slot.idle != slot.command; ++i) ::sched_yield();
}

}  // namespace

Result<void> come_to_rest(Company& company, const Init& init, Pid actor,
                          std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  Rest rest(company, init);
  wait_for(company, actor);
  company.admit_newcomer();
  rest.look_at(actor);
  for (int rounds = 0; !rest.round(); ++rounds) {
    if (Clock::now() > deadline) return failure(ETIMEDOUT, "come to rest", rest.who_is_not());
    give_way(rounds);
  }
  company.be_settled();
  return {};
}

}  // namespace knell::conform
