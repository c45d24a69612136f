#pragma once

/// What Linux does to a World when a process is signalled and ends.
///
/// Every function here stands for the one of that name in Linux and does to the World what it does
/// to the machine, including its return value (0, or a negative errno). Beside each stands the file
/// it is in; the behaviour is that of Linux 6.12 and later. There is no input or output, no clock
/// and no chance: one World and one call always make the same World.
///
/// A call changes the World up to the point where tasks would run again; `run_to_rest` then lets
/// them run until none has a signal left to look at:
///
///     Kernel kernel(world);
///     kernel::kill(kernel, knell, 4242, signals::kTerm);
///     kernel::run_to_rest(kernel);
///
/// What a program does with a signal it catches is its own affair: the kernel hands it over
/// (Event::Kind::signal_handler, Task::in_handler), and there this room's knowledge ends.

#include <deque>

#include "knell/world/event.hpp"
#include "knell/world/world.hpp"

namespace knell::kernel {

/// A World while Linux works on it.
class Kernel {
public:
  explicit Kernel(World& world);

  World& world;
  EventLog log;
  std::deque<TaskIndex> woken;  ///< tasks that will look for signals, in the order they were woken
  std::size_t stopped_tasks = 0;  ///< so that orphaned process groups cost nothing where none is

  void note(Event event) { log.push_back(event); }
};

/// Whom a signal is for (Linux: enum pid_type).
enum class PidType : std::uint8_t {
  pid,   ///< one thread
  tgid,  ///< a process: whichever of its threads takes it
  pgid,  ///< every process of a group
};

/// What becomes of a signal (Linux: sa_handler of k_sigaction: SIG_DFL, SIG_IGN, a function).
enum class Handler : std::uint8_t { by_default, ignore, caught };

/// What rt_sigprocmask(2) does with its set, under the numbers of asm-generic/signal-defs.h.
enum class MaskChange : std::uint8_t { block = 0, unblock = 1, set = 2 };

/// Who sends (Linux: kernel_siginfo, SEND_SIG_PRIV).
struct Sender {
  TaskIndex task;  ///< none: the kernel itself, which asks nobody's permission

  static Sender kernel() { return {}; }
};

// ---- system calls ----------------------------------------------------------------------------

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
/// rt_sigaction(2), for the whole process: what it ignores from now on is no longer pending.
/// kernel/signal.c: do_sigaction. Error: -EINVAL for SIGKILL, SIGSTOP and what is no signal.
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

/// Lets every woken task run on its way to user mode (get_signal) until none has anything to do.
void run_to_rest(Kernel& kernel);

}  // namespace knell::kernel
