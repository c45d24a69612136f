#pragma once

/// What Linux does to a World.
///
/// Every function here and in the files of this room stands for the one of that name in Linux and
/// does to the World what it does to the machine, including its return value (0, or a negative
/// errno). There is no input or output, no clock and no chance: one World and one call always make
/// the same World.
///
/// A World is used in one of two ways. One that a script builds starts at `boot()`, and its tasks
/// make system calls as values:
///
///     World world = kernel::boot();
///     Kernel kernel(world);
///     kernel::sys_enter(kernel, init, {Sys::clone, {0, SIGCHLD}});
///     kernel::run_to_rest(kernel);
///     world.context_of(init).last.value;  // the child's pid
///
/// One that was read from a machine is signalled through the typed functions (`kill`,
/// `pidfd_send_signal`). What its programs do in a handler nobody knows: the kernel hands the
/// signal over (Task::in_handler), and there this room's knowledge ends.
///
/// Either way a call changes the World up to the point where other tasks would run. `run` lets one
/// of them go on, as far as it gets by itself; `run_to_rest` lets all, in the order in which they
/// were woken. Linux may let them run in any other order: who wants to know everything that can
/// happen tries them all (`World::run_queue`).

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "knell/kernel/version.hpp"
#include "knell/world/call.hpp"
#include "knell/world/event.hpp"
#include "knell/world/world.hpp"

namespace knell::kernel {

/// What Linux leaves open within one call or run, because tasks really run side by side: one answer
/// after another, false at first. Who wants to know everything that can happen does the same again
/// as long as there are other answers.
class Choices {
public:
  Choices() = default;
  /// To begin with these answers.
  explicit Choices(std::vector<bool> answers) : answers_(std::move(answers)) {}

  bool next() {
    if (asked_ == answers_.size()) answers_.push_back(false);
    return answers_[asked_++];
  }
  /// The next answers to be tried; false: these were the last.
  bool advance() {
    asked_ = 0;
    while (!answers_.empty() && answers_.back()) answers_.pop_back();
    if (answers_.empty()) return false;
    answers_.back() = true;
    return true;
  }
  [[nodiscard]] bool none() const { return answers_.empty(); }

private:
  std::vector<bool> answers_;
  std::size_t asked_ = 0;
};

/// A World while Linux works on it.
class Kernel {
public:
  explicit Kernel(World& world, KernelVersion version = kNewest);

  World& world;
  EventLog log;
  KernelVersion version;
  bool steps = false;             ///< also log the kernel's functions (Event::Kind::function)
  bool silent = false;            ///< log nothing
  Choices* choices = nullptr;     ///< if they are tried; then whom a call woke may run before it
                                  ///< returns
  std::size_t stopped_tasks = 0;  ///< so that orphaned process groups cost nothing where none is
  std::size_t traced_tasks = 0;   ///< likewise for tracers
  TaskIndex current;              ///< who is on the processor, if one is
  int depth = 0;                  ///< how deep in functions, while `steps`

  void note(const Event& event) {
    if (!silent) log.push_back(event);
  }
  [[nodiscard]] bool preemptible() const { return choices != nullptr; }
  /// Linux may do the one or the other.
  bool either() { return choices != nullptr && choices->next(); }
};

/// Whom a signal is for (Linux: enum pid_type).
enum class PidType : std::uint8_t {
  pid,   ///< one thread
  tgid,  ///< a process: whichever of its threads takes it
  pgid,  ///< every process of a group
};

/// What rt_sigprocmask(2) does with its set, under the numbers of asm-generic/signal-defs.h.
enum class MaskChange : std::uint8_t { block = 0, unblock = 1, set = 2 };

// ---- a World that is built ---------------------------------------------------------------------

/// A machine that has just started: pid 1, root's, in a session of its own (0, as the first init
/// has before it calls setsid), with nothing open, and nobody else.
[[nodiscard]] World boot();
/// A terminal that nobody has opened yet.
TtyIndex add_tty(World& world);
/// The task's number in its own pid namespace (Linux: task_pid_vnr).
[[nodiscard]] Pid task_pid_vnr(const World& world, TaskIndex task);
/// The task's number in that namespace, 0 where it cannot be seen from there (task_pid_nr_ns).
[[nodiscard]] Pid task_pid_nr_ns(const World& world, TaskIndex task, PidNamespaceIndex ns);
/// Who has that number in that namespace (find_task_by_pid_ns); none: nobody.
[[nodiscard]] TaskIndex find_task_by_pid_ns(const World& world, Pid pid, PidNamespaceIndex ns);

// ---- calls as values
// -----------------------------------------------------------------------------

/// Whether the task's program runs, so that it can make a call: it is alive, in user mode, not in a
/// call, not stopped, and nothing is about to interrupt it.
[[nodiscard]] bool accepts_calls(const World& world, TaskIndex task);
/// `current`, which accepts calls, makes one. When this returns it has the result
/// (UserContext::last; `returned` went up), or sleeps in the call (`in_call`), or was ended or
/// stopped by what it did; others that this concerns are in World::run_queue.
void sys_enter(Kernel& kernel, TaskIndex current, const Call& call);

/// One task of the run queue goes on as far as it gets by itself: to its next step in user mode, to
/// sleep, to a stop, or to its end. Takes it off the queue.
void run(Kernel& kernel, TaskIndex task);
/// Runs whoever is in the queue, first come first served, until nobody is left.
void run_to_rest(Kernel& kernel);

// ---- what is no task's call
// ----------------------------------------------------------------------

/// What a key on a terminal does; drivers/tty/n_tty.c: isig, receive_char.
enum class Key : std::uint8_t { intr, quit, susp, line };  ///< ^C, ^\, ^Z, a line that was typed
void tty_input(Kernel& kernel, TtyIndex tty, Key key);
/// The line is dropped (a modem's, or the master's end closed). drivers/tty/tty_io.c: tty_vhangup.
void tty_hangup(Kernel& kernel, TtyIndex tty);
/// mm/oom_kill.c: oom_kill_process with `victim` as the chosen one.
void oom_kill_process(Kernel& kernel, TaskIndex victim);
/// So many milliseconds of virtual time pass; timers that are due fire, in their order.
void advance(Kernel& kernel, std::uint64_t milliseconds);

// ---- typed calls, for a World that was read
// ------------------------------------------------------

/// kill(2). kernel/signal.c: SYSCALL_DEFINE2(kill), kill_something_info. Errors: -ESRCH, -EPERM,
/// -EINVAL, in the order in which Linux finds them: a bad signal number sent to nobody is -ESRCH.
int kill(Kernel& kernel, TaskIndex current, int pid, Signal signal);
/// tkill(2): one thread, whatever process it is in. kernel/signal.c: do_tkill. Errors: -EINVAL,
/// -ESRCH, -EPERM.
int tkill(Kernel& kernel, TaskIndex current, int pid, Signal signal);
/// tgkill(2): one thread of that process. kernel/signal.c: do_tkill, do_send_specific. Errors:
/// -EINVAL where a number is not positive; -ESRCH, also where the thread is another process's.
int tgkill(Kernel& kernel, TaskIndex current, int tgid, int pid, Signal signal);
/// pidfd_send_signal(2) with no flags, the pidfd being the process of `target`. kernel/signal.c.
int pidfd_send_signal(Kernel& kernel, TaskIndex current, TaskIndex target, Signal signal);
/// rt_sigaction(2), for the whole process: what it ignores from now on is no longer pending. No
/// flags, an empty mask. kernel/signal.c: do_sigaction. Error: -EINVAL for SIGKILL, SIGSTOP and
/// what is no signal.
int rt_sigaction(Kernel& kernel, TaskIndex current, Signal signal, Handler handler);
/// rt_sigprocmask(2), for one thread; SIGKILL and SIGSTOP stay unblocked, without an error. What
/// it unblocks is taken when the task next runs, what it blocks is left to its other threads.
/// kernel/signal.c: sigprocmask, __set_task_blocked.
void rt_sigprocmask(Kernel& kernel, TaskIndex current, MaskChange how, SigSet set);
/// rt_sigpending(2): what was sent to the thread or its process and is blocked. kernel/signal.c:
/// do_sigpending.
SigSet rt_sigpending(const Kernel& kernel, TaskIndex current);
/// exit_group(2). kernel/exit.c.
void exit_group(Kernel& kernel, TaskIndex current, int code);
/// waitpid(2) by a thread of `parent` for one zombie child: releases it. False if it is no zombie
/// child of that process. kernel/exit.c: wait_task_zombie.
bool wait_task_zombie(Kernel& kernel, TaskIndex parent, TaskIndex child);

}  // namespace knell::kernel
