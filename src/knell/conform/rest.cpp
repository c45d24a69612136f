/// How it is known. Of each thread four things are read, and of all threads the first before of any
/// the second, and so on:
///
///   1. how much, and how often, it has run;
///   2. /proc/TID/syscall, for which the kernel waits until the thread is off its processor, and
///      not about to get one (wait_task_inactive);
///   3. its status: in what kind of sleep it is;
///   4. once more what was read first.
///
/// If it is the same both times, for all of them, then none has run between the last of the first
/// readings and the first of the last: who ran before his second reading has run more by then, and
/// who came to a processor after it has done so more often. So nobody woke anybody in that time,
/// and what the statuses say, all read in that time, is true of one and the same moment. And it
/// stays so, unless somebody outside of the scenario wakes one of them: so only those sleeps are
/// rest from which only the scenario's own wake (`rests`), and a thread that waits for the kernel's
/// workers is waited for.
///
/// The state letter alone says less: a thread is S as soon as it has begun to lie down, and has
/// still to look whether what it would wait for is there already.
///
/// For a thread that did not run, the last reading of the last rest is its first reading now.
///
/// How much a thread has run is less than the truth where a hypervisor took the processor away
/// meanwhile (update_rq_clock_task). Who was seen first while it was on a processor already may
/// then go to sleep behind two equal readings; so it is asked once more at the end whether it has
/// borne a task.
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
#include <initializer_list>
#include <string>
#include <string_view>

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

  /// The first reading of one that is likely to have run.
  void read_first(Pid pid);
  /// The others, of all. True if they are at rest.
  bool round();
  [[nodiscard]] std::string who_is_not() const;

private:
  [[nodiscard]] bool waits_for_its_namespace(const Player& player) const;
  [[nodiscard]] bool sleeps_in(Pid pid, std::initializer_list<std::string_view> functions) const;
  void dismiss_waited_for();
  bool everybody_sleeps();
  bool nobody_ran();
  bool everybody_rests();
  [[nodiscard]] bool rests(const Player& player) const;
  [[nodiscard]] bool rests_uninterruptibly(const Player& player) const;

  Company& company_;
  const Init& init_;
};

void Rest::read_first(Pid pid) {
  Player* const player = company_.find(pid);
  if (player == nullptr) return;
  player->ran = player->files.ran();
  if (!player->ran) company_.dismiss(pid);
}

bool Rest::round() {
  if (company_.admit_newcomer()) return false;
  company_.let_successor_take_over();
  dismiss_waited_for();
  init_.wait_for_tasklist_lock();
  // The first nobody_ran saves reading the statuses, which takes long, when it is too early.
  if (!everybody_sleeps() || !nobody_ran() || !everybody_rests() || !nobody_ran()) return false;
  if (company_.admit_newcomer()) return false;
  for (Player& player : company_.players()) player.over = player.look.state == 'Z';
  return true;
}

/// Zombies that were released, before the readings that cost more.
void Rest::dismiss_waited_for() {
  std::vector<Pid> gone;
  for (const Player& player : company_.players())
    if (player.over && !player.files.ran()) gone.push_back(player.pid);
  for (const Pid pid : gone) company_.dismiss(pid);
}

bool Rest::everybody_sleeps() {
  for (Player& player : company_.players()) {
    if (player.over) continue;
    player.asleep = player.files.asleep();
    if (player.asleep) continue;
    if (!player.files.ran()) company_.dismiss(player.pid);  // it is not running, it is gone
    return false;
  }
  return true;
}

/// Reads all of them in any case: if it has to be done again, these are the first readings.
bool Rest::nobody_ran() {
  bool same = true;
  std::vector<Pid> gone;
  for (Player& player : company_.players()) {
    if (player.over) continue;
    const auto ran = player.files.ran();
    same = same && ran == player.ran;
    player.ran = ran;
    if (!ran) gone.push_back(player.pid);
  }
  for (const Pid pid : gone) company_.dismiss(pid);
  return same;
}

bool Rest::everybody_rests() {
  bool rest = true;
  std::vector<Pid> gone;
  for (Player& player : company_.players()) {
    const auto look = player.files.look();
    if (!look) {
      gone.push_back(player.pid);
      continue;
    }
    player.look = *look;
    const bool back = player.over && look->state != 'Z';  // a thread runs on under its number
    player.over = player.over && !back;
    rest = rest && !back && rests(player);
  }
  for (const Pid pid : gone) company_.dismiss(pid);
  return rest && gone.empty();
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

/// Two sleeps that no signal but SIGKILL ends are waits for other threads of the scenario. In the
/// kernel's functions named, or in those that compilers put them into.
bool Rest::rests_uninterruptibly(const Player& player) const {
  const Slot& slot = company_.slot_of(player);
  if (!player.look.has_memory) return false;  // it ends, and waits for the kernel's workers
  switch (call_of(slot)) {
    case Sys::clone:
      return (slot.call.arg[0] & CLONE_VFORK) != 0 &&
             sleeps_in(player.pid, {"wait_for_vfork_done", "kernel_clone", "_do_fork"});
    case Sys::execve:  // for the other threads, of which a tracer may keep one
      return player.look.seen.threads > 1 &&
             sleeps_in(player.pid, {"de_thread", "begin_new_exec", "flush_old_exec"});
    default:
      return false;
  }
}

bool Rest::sleeps_in(Pid pid, std::initializer_list<std::string_view> functions) const {
  const std::string function = function_it_sleeps_in(init_.proc(), pid);
  return std::ranges::any_of(functions, [&](std::string_view each) {
    return function.starts_with(each);  // behind it may stand ".isra.0" and the like
  });
}

/// The end of a pid namespace's init waits until no number of the namespace is used but its
/// leader's and its own (zap_pid_ns_processes). It is woken by one who has left the list of tasks
/// already, so it counts which numbers are used.
bool Rest::waits_for_its_namespace(const Player& player) const {
  if (!sleeps_in(player.pid, {"zap_pid_ns_processes", "do_wait"})) return false;
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
  rest.read_first(actor);
  for (int rounds = 0; !rest.round(); ++rounds) {
    if (Clock::now() > deadline) return failure(ETIMEDOUT, "come to rest", rest.who_is_not());
    give_way(rounds);
  }
  company.be_settled();
  return {};
}

}  // namespace knell::conform
