#pragma once

/// Between the files of this room: tasks are made, end, and are waited for. kernel/fork.c,
/// kernel/exit.c, kernel/pid.c, kernel/ptrace.c, fs/exec.c of Linux.

#include "knell/kernel/sched.hpp"

namespace knell::kernel {

// Pids: pid.cpp
/// A number in the first namespace's own counting, as the caller's namespace numbers it; 0 where it
/// does not. Also for the number of a group or session whose leader is gone (Linux: pid_nr_ns).
[[nodiscard]] Pid pid_nr_ns(const World& world, Pid number, PidNamespaceIndex ns);
[[nodiscard]] Pid pid_vnr(const World& world, TaskIndex current, Pid number);
[[nodiscard]] TaskIndex find_task_by_vpid(const World& world, TaskIndex current, std::int64_t pid);
/// The first namespace's number for one in the caller's (find_vpid), also if only a group or a
/// session still has it. 0: nobody has it.
[[nodiscard]] Pid find_vpid(const World& world, TaskIndex current, std::int64_t pid);
/// alloc_pid: a number in `ns` and in each above it, the outermost first. None: it takes no more.
[[nodiscard]] std::vector<Pid> alloc_pid(World& world, PidNamespaceIndex ns);
/// Whether `ns` is `outer` or below it.
[[nodiscard]] bool ns_is_inside(const World& world, PidNamespaceIndex ns, PidNamespaceIndex outer);

// State: sched.cpp
void set_state(Kernel& kernel, TaskIndex task, TaskState state);

// Tracing: ptrace.cpp
[[nodiscard]] inline bool is_traced(const World& world, TaskIndex task) {
  const Task& of = world[task];
  return of.ptrace.traced || (!of.context && of.parent != of.real_parent);
}
void ptrace_trap_notify(Kernel& kernel, TaskIndex task);
void ptrace_stop(Kernel& kernel, TaskIndex task, int code, int why, bool delivering);
/// What ptrace_stop does when the task runs again.
void ptrace_stop_left(Kernel& kernel, TaskIndex task);
/// A signal is shown to the tracer first: the task stops with it.
void ptrace_signal(Kernel& kernel, TaskIndex task, const SigInfo& info, bool shared);
/// The tracer lets the task go on: the signal it takes, number 0 for none.
SigInfo ptrace_signal_resumed(Kernel& kernel, TaskIndex task);
/// A tracer ends: exit_ptrace. Those who can be released with it are added to `dead`.
void exit_ptrace(Kernel& kernel, TaskIndex tracer, std::vector<TaskIndex>& dead);
void ptrace_unlink(Kernel& kernel, TaskIndex task);
Outcome sys_ptrace(Kernel& kernel, TaskIndex current, const Call& call);

// Ending: exit.cpp, exit_notify.cpp
void do_group_exit(Kernel& kernel, TaskIndex task, int code);
void do_exit(Kernel& kernel, TaskIndex task, int code);
/// do_exit goes on, where it gave way to those whom it had woken.
void resume_exit(Kernel& kernel, TaskIndex task);
/// Where it lets others run, its second half is left to finish_exit_notify.
void exit_notify(Kernel& kernel, TaskIndex task, bool group_dead);
void give_way_in_exit_notify(Kernel& kernel, TaskIndex task);
void finish_exit_notify(Kernel& kernel, TaskIndex task);
void finish_zap(Kernel& kernel, TaskIndex task);
/// Tells the parent; true if nobody will wait for the task, so that it can be released at once.
bool do_notify_parent(Kernel& kernel, TaskIndex task, Signal signal);
void release_task(Kernel& kernel, TaskIndex task, TaskIndex waiter);
/// One thread less: somebody may wait for the others to end, or for a whole namespace.
void wake_group_exec(Kernel& kernel, TaskIndex task);
void wake_zapping_inits(Kernel& kernel, TaskIndex task);
/// Whether it sleeps in wait(2): it looks again whoever changed.
[[nodiscard]] bool waits_for(const Kernel& kernel, TaskIndex sleeper, TaskIndex task);
[[nodiscard]] std::vector<TaskIndex> tracees(const Kernel& kernel, TaskIndex tracer);
/// __wake_up_parent: those threads of it that wait for `task`, or for one like it.
void wake_up_parent(Kernel& kernel, TaskIndex task, TaskIndex parent);
[[nodiscard]] TaskIndex find_alive_thread(const World& world, TaskIndex task);
[[nodiscard]] bool delay_group_leader(const World& world, TaskIndex task);
/// Lets go of the address space: wakes who waits for a vfork, gives up robust locks.
void mm_release(Kernel& kernel, TaskIndex task);
void exit_mm(Kernel& kernel, TaskIndex task);

// Making: fork.cpp, exec.cpp
std::int64_t sys_clone(Kernel& kernel, TaskIndex current, const Call& call);
/// Nothing: the other threads have to end first.
Outcome sys_execve(Kernel& kernel, TaskIndex current);
void resume_execve(Kernel& kernel, TaskIndex task);

// Waiting: wait.cpp
Outcome sys_wait4(Kernel& kernel, TaskIndex current, const Call& call);
Outcome sys_waitid(Kernel& kernel, TaskIndex current, const Call& call);

// Ids: sys.cpp
std::int64_t sys_setpgid(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_setsid(Kernel& kernel, TaskIndex current);
std::int64_t sys_setresuid(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_prctl(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_prlimit(Kernel& kernel, TaskIndex current, const Call& call);
inline constexpr unsigned kCapSetuid = 7, kCapSysPtrace = 19, kCapSysAdmin = 21;
inline constexpr std::uint64_t kAllCaps =
    (std::uint64_t{1} << 41) - 1;  // up to CAP_CHECKPOINT_RESTORE
[[nodiscard]] bool capable(const World& world, TaskIndex task, unsigned capability);

// Signals of one's own: sigcalls.cpp
std::int64_t sys_rt_sigaction(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_rt_sigprocmask(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_sigaltstack(Kernel& kernel, TaskIndex current, const Call& call);
Outcome sys_rt_sigtimedwait(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t interrupted_sigtimedwait(Kernel& kernel, TaskIndex current, const Call& call);
Outcome sys_rt_sigsuspend(Kernel& kernel, TaskIndex current, const Call& call);
void sys_fault(Kernel& kernel, TaskIndex current, const Call& call);

// Files: files.cpp, pipe.cpp, locks.cpp
/// The file of the call that the task sleeps in, otherwise that of the descriptor.
[[nodiscard]] FileIndex file_of(const World& world, TaskIndex task, std::int64_t fd);
[[nodiscard]] FileIndex lookup_fd(const World& world, TaskIndex task, std::int64_t fd);
/// Gives the file the lowest free descriptor.
int fd_install(World& world, TaskIndex task, FileIndex file);
FileIndex add_file(World& world, const File& file);
std::int64_t sys_open(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_signalfd(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_close(Kernel& kernel, TaskIndex current, const Call& call);
Outcome sys_read(Kernel& kernel, TaskIndex current, const Call& call);
Outcome sys_write(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_pipe(Kernel& kernel, TaskIndex current);
[[nodiscard]] bool reads_signalfd(const World& world, TaskIndex sleeper);
Outcome pipe_read(Kernel& kernel, TaskIndex current, FileIndex file);
Outcome pipe_write(Kernel& kernel, TaskIndex current, FileIndex file);
void pipe_release(Kernel& kernel, const File& file);
FilesIndex dup_fd(World& world, FilesIndex files);
/// The files that the task was the last to close: each is still to be let go of (`fput`).
[[nodiscard]] std::vector<FileIndex> put_files_struct(Kernel& kernel, TaskIndex task);
void fput(Kernel& kernel, FileIndex file);
Outcome sys_flock(Kernel& kernel, TaskIndex current, const Call& call);
Outcome sys_fcntl_setlk(Kernel& kernel, TaskIndex current, const Call& call);
void locks_remove_posix(Kernel& kernel, FilesIndex owner, FileIndex file);
void locks_remove_flock(Kernel& kernel, FileIndex file);
/// Whether it sleeps for a lock and nobody has woken it for that.
[[nodiscard]] bool waits_for_lock(const World& world, TaskIndex task);
/// It waits no longer; who waits behind it tries again.
void locks_delete_block(Kernel& kernel, TaskIndex waiter);

// Between processes: futex.cpp, sem.cpp
Outcome robust_lock(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t robust_unlock(Kernel& kernel, TaskIndex current, const Call& call);
void exit_robust_list(Kernel& kernel, TaskIndex task);
Outcome sys_semop(Kernel& kernel, TaskIndex current, const Call& call);
void exit_sem(Kernel& kernel, TaskIndex task);
std::int64_t sys_shmat(Kernel& kernel, TaskIndex current);
std::int64_t sys_shmdt(Kernel& kernel, TaskIndex current);
void exit_shm(Kernel& kernel, MmIndex mm);

// Terminals: tty.cpp
std::int64_t tty_open(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t tiocsctty(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t tiocnotty(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t tiocspgrp(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t tiocgpgrp(Kernel& kernel, TaskIndex current, const Call& call);
Outcome tty_read(Kernel& kernel, TaskIndex current, FileIndex file);
/// One who waited in it has left it, read or not.
void tty_read_over(Kernel& kernel, FileIndex file);
/// Who waits already and comes behind this one, who has yet to fall asleep; none as a rule.
[[nodiscard]] TaskIndex tty_reader_behind(const World& world, TaskIndex reader);
Outcome tty_write(Kernel& kernel, TaskIndex current, FileIndex file);
void tty_release(Kernel& kernel, TtyIndex tty);
/// disassociate_ctty: a session's leader ends, or gives its terminal up.
void disassociate_ctty(Kernel& kernel, TaskIndex task, bool on_exit);

// Time: timer.cpp
std::int64_t sys_setitimer(Kernel& kernel, TaskIndex current, const Call& call);
std::int64_t sys_alarm(Kernel& kernel, TaskIndex current, const Call& call);
Outcome sys_nanosleep(Kernel& kernel, TaskIndex current, const Call& call);

}  // namespace knell::kernel
