#pragma once

/// Tasks and what they share: threads, thread groups, handlers, memory, descriptors, credentials,
/// pid namespaces. Each names the others by `Index`, its place in a list of the World.

#include <cstdint>
#include <string>
#include <vector>

#include "knell/world/context.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/objects.hpp"
#include "knell/world/signal.hpp"
#include "knell/world/wait_status.hpp"

namespace knell {

struct Task;
struct SignalStruct;
struct SighandStruct;
struct MmStruct;
struct FilesStruct;
struct Cred;
struct PidNamespace;
using TaskIndex = Index<Task>;
using SignalIndex = Index<SignalStruct>;
using SighandIndex = Index<SighandStruct>;
using MmIndex = Index<MmStruct>;
using FilesIndex = Index<FilesStruct>;
using CredIndex = Index<Cred>;
using PidNamespaceIndex = Index<PidNamespace>;
using ContextIndex = Index<UserContext>;

/// The letters of `/proc/PID/stat` (proc(5)), and one more for a task that is no longer there.
enum class TaskState : char {
  running = 'R',
  sleeping = 'S',    ///< interruptible: a signal wakes it
  disk_sleep = 'D',  ///< uninterruptible: not even SIGKILL wakes it, unless the sleep is killable
  stopped = 'T',     ///< by a stop signal
  traced = 't',      ///< by its tracer
  idle = 'I',        ///< a kernel thread's uninterruptible sleep
  zombie = 'Z',      ///< ended, not waited for
  dead = 'X',        ///< ended and being released
  released = '-',    ///< gone: only its place in the World is left
};

/// What was read of a process. A bit set.
enum class Known : std::uint16_t {
  nothing = 0,
  stat = 1,            ///< name, state, parent, group, session, terminal, start: every World has it
  names = 2,           ///< executable and command line
  status = 4,          ///< credentials, signal masks, tracer, namespaces' pids
  threads = 8,         ///< every thread with its own masks, not only the leader
  files = 16,          ///< open descriptors
  maps = 32,           ///< mapped files
  memory = 64,         ///< memory that is its alone
  cgroup = 128,        ///< control group
  environ = 256,       ///< the environment it was started with
  image = 1024,        ///< what its program was loaded as (Details::image)
  surroundings = 512,  ///< namespaces, what it sleeps in, whether it is frozen (with status)
  cmdline = 2048,      ///< of the names only the command line
  namespaces = 4096,   ///< Details::namespaces
  label = 8192,        ///< Details::label
  thread_starts = 16384,  ///< Details::thread_starts
};
constexpr Known operator|(Known a, Known b) {
  return static_cast<Known>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}
constexpr Known operator&(Known a, Known b) {
  return static_cast<Known>(static_cast<std::uint16_t>(a) & static_cast<std::uint16_t>(b));
}
constexpr Known operator~(Known a) {
  return static_cast<Known>(~static_cast<std::uint16_t>(a));
}
constexpr bool has(Known set, Known part) {
  return (set & part) == part;
}

/// One signal that waits (Linux: sigqueue).
struct SigQueue {
  SigInfo info;
  bool accounted = false;  ///< counts against RLIMIT_SIGPENDING of `charged`
  Uid charged;
  bool operator==(const SigQueue&) const = default;
};

/// Signals that were sent and not yet delivered (Linux: sigpending): the set, and what came with
/// them, oldest first. A signal may be in the set alone: what was read from /proc has no more, and
/// what exceeds a limit loses it.
struct SigPending {
  SigSet signal;
  std::vector<SigQueue> list;
  bool operator==(const SigPending&) const = default;
};

/// The longest `Task::comm`, in bytes: TASK_COMM_LEN of include/linux/sched.h without its NUL.
inline constexpr std::size_t kCommLength = 15;

/// What a task is told about stopping (Linux: task_struct::jobctl).
struct Jobctl {
  bool stop_pending = false;  ///< JOBCTL_STOP_PENDING: has to stop with its group
  bool stop_consume = false;  ///< JOBCTL_STOP_CONSUME: counts in group_stop_count
  bool stop_dequeued =
      false;                 ///< JOBCTL_STOP_DEQUEUED: the signal was taken, no SIGCONT came since
  bool trap_stop = false;    ///< JOBCTL_TRAP_STOP: is to stop for its tracer
  bool trap_notify = false;  ///< JOBCTL_TRAP_NOTIFY: something happened that its tracer is told
  bool trap_late = false;    ///< this came when it was awake: it may be at its signals already
  bool listening = false;    ///< JOBCTL_LISTENING
  Signal stop_signal;        ///< JOBCTL_STOP_SIGMASK: the signal of the last group stop
  bool operator==(const Jobctl&) const = default;
};

/// How a task is traced (Linux: task_struct::ptrace, exit_code, last_siginfo).
struct Ptrace {
  bool traced = false;      ///< PT_PTRACED
  bool seized = false;      ///< PT_SEIZED: PTRACE_SEIZE rather than ATTACH or TRACEME
  std::uint32_t link = 0;   ///< which of World::ptrace_links it was
  bool exitkill = false;    ///< PTRACE_O_EXITKILL
  int stop_code = 0;        ///< what wait(2) tells of its stop, 0 once told; then the signal
                            ///< that the tracer lets it take
  SigInfo last_siginfo;     ///< of the signal it stopped for
  bool in_stop = false;     ///< it is, or was until it runs, in ptrace_stop
  bool delivering = false;  ///< and that for a signal (signal-delivery-stop), not otherwise
  bool shared = false;      ///< which was the group's
  bool operator==(const Ptrace&) const = default;
};

/// One thread (Linux: task_struct). A process is a thread group: see SignalStruct.
struct Task {
  Pid pid;
  std::string comm;  ///< at most 15 characters but for kernel threads; any bytes but NUL
  TaskState state = TaskState::sleeping;
  Known known = Known::nothing;
  bool kernel_thread = false;   ///< PF_KTHREAD
  bool exiting = false;         ///< PF_EXITING: it is past the point of taking signals
  bool signal_pending = false;  ///< TIF_SIGPENDING: will look for signals before user mode
  bool in_handler = false;  ///< the kernel gave it to a handler of its own: what next is its say
  bool in_execve = false;   ///< it waits for the other threads of its group to end (de_thread)
  bool in_vfork = false;    ///< vfork(2): asleep, but for SIGKILL, until `vfork_child` lets go
  bool killable = false;    ///< in a sleep that only a fatal signal ends (TASK_KILLABLE)
  bool in_zap = false;      ///< the end of a namespace's init: it waits for all inside to be gone
  bool group_dead = false;  ///< of one that ends: it is the last of its group
  std::uint8_t exit_step = 0;  ///< it gave way in do_exit before that step, counted from 1; 0: no
  std::vector<FileIndex> closing;  ///< and what exit_task_work has still to let go of
  bool on_rq = false;              ///< in World::run_queue
  bool fork_no_exec = false;       ///< PF_FORKNOEXEC: has not called execve since it was made
  bool exit_trace = false;         ///< EXIT_TRACE
  Jobctl jobctl;                   ///< what it has to do about stopping

  SignalIndex signal;
  SighandIndex sighand;
  CredIndex cred;
  MmIndex mm;  ///< none for kernel threads, for the dead, and where it was not read
  FilesIndex files;
  PidNamespaceIndex pid_ns;  ///< none: the reader's own
  std::vector<Pid> numbers;  ///< its numbers below the reader's pid namespace, the outer first
  ContextIndex context;      ///< what its program is doing; none: not known

  TaskIndex real_parent;  ///< who made it, or who inherited it
  TaskIndex parent;       ///< who is told of its end: its tracer where it has one
  TaskIndex first_child;  ///< the newest of those whose real_parent this is
  TaskIndex last_child;   ///< the oldest of them
  TaskIndex next_sibling;
  TaskIndex prev_sibling;
  TaskIndex next_thread;  ///< the next in its group; none: the last

  SigSet blocked;
  SigSet real_blocked;  ///< while it waits for signals: those it blocks else (rt_sigtimedwait)
  SigPending pending;   ///< directed at this thread alone
  Ptrace ptrace;
  Signal exit_signal = signals::kChld;  ///< what the parent is told by; a thread's says nothing
  std::uint32_t self_exec_id = 0;       ///< how often it called execve
  std::uint32_t parent_exec_id = 0;     ///< how often its parent had, when it was made
  Signal pdeath_signal;                 ///< prctl(2) PR_SET_PDEATHSIG
  TaskIndex vfork_child;                ///< the child it waits for (Linux: vfork_done)
  TaskIndex vfork_parent;               ///< who waits for it to let go of the memory
  int exit_code = 0;                    ///< as wait(2) would tell it, once it ended

  bool operator==(const Task&) const = default;
};

/// A thread group, which is what people call a process (Linux: signal_struct).
struct SignalStruct {
  TaskIndex leader;
  std::uint32_t nr_threads = 1;  ///< those not yet released, the leader included
  std::uint32_t live = 1;        ///< those that have not begun to exit
  StartTime start;
  Inode pidfd;  ///< st_ino of its pidfd, never given twice until reboot (Linux 6.9); 0: not known
  Pgid pgrp;
  std::uint32_t joined_pgrp = 0;  ///< when it did, counted: the last to join is signalled first
  Sid session;
  std::uint32_t tty = 0;       ///< device number of the controlling terminal; 0: none
  TtyIndex tty_struct;         ///< the terminal itself, in a World that was built; none: see `tty`
  bool leads_session = false;  ///< signal_struct::leader: it made its session (setsid)
  Pgid tty_old_pgrp;           ///< whom the terminal's hang-up is told after the leader lost it
  SigPending shared_pending;
  TaskIndex curr_target;    ///< the thread that the last signal to the group went to
  TaskIndex last_thread;    ///< the newest thread
  bool group_exec = false;  ///< signal_struct::group_exec_task: one thread execs, the others end
  std::uint32_t group_stop_count = 0;  ///< threads that have yet to stop
  bool stop_stopped = false;           ///< SIGNAL_STOP_STOPPED: all have
  bool stop_continued = false;         ///< SIGNAL_STOP_CONTINUED: and went on; not told by wait yet
  bool cld_stopped = false;    ///< SIGNAL_CLD_STOPPED: the parent is to be told of a stop cut short
  bool cld_continued = false;  ///< SIGNAL_CLD_CONTINUED: and of going on
  int group_stop_code = 0;     ///< signal_struct::group_exit_code of a stop: 0 once wait told it
  RealTimer real_timer;
  std::uint32_t sigpending_limit = ~std::uint32_t{0};  ///< RLIMIT_SIGPENDING
  bool group_exit = false;                             ///< SIGNAL_GROUP_EXIT: the end is decided
  int group_exit_code = 0;
  bool unkillable = false;       ///< SIGNAL_UNKILLABLE: a pid namespace's init
  bool child_subreaper = false;  ///< prctl(2) PR_SET_CHILD_SUBREAPER; /proc does not show it

  bool operator==(const SignalStruct&) const = default;
};

/// The mask of one handler (sigaction(2) sa_mask); one without is empty.
struct SaMask {
  Signal signal;
  SigSet mask;
  bool operator==(const SaMask&) const = default;
};

/// The table of signal handlers (Linux: sighand_struct). /proc shows the first two sets of it.
struct SighandStruct {
  SigSet ignored;  ///< SIG_IGN was asked for; default-ignored signals are not in it
  SigSet caught;
  // Of those, the handlers that were set with a flag.
  SigSet restart, siginfo, nodefer, resethand, onstack;
  SigSet returns;          ///< handlers that return at once (Handler::returns)
  bool nocldstop = false;  ///< SA_NOCLDSTOP of SIGCHLD
  bool nocldwait = false;  ///< SA_NOCLDWAIT of SIGCHLD
  std::vector<SaMask> masks;
  std::uint32_t users = 1;
  bool operator==(const SighandStruct&) const = default;
};

/// An address space (Linux: mm_struct).
struct MmStruct {
  std::uint32_t users = 1;          ///< tasks of this World that have it
  std::uint64_t rss_bytes = 0;      ///< resident, shared pages included
  std::uint64_t private_bytes = 0;  ///< resident and its alone: what its end gives back
  std::uint64_t swap_bytes = 0;
  bool dumpable = true;            ///< prctl(2) PR_SET_DUMPABLE: false after its user changed
  std::uint32_t shm_attached = 0;  ///< how often the shared memory segment is attached
  bool operator==(const MmStruct&) const = default;
};

/// A file, whatever its name.
struct FileId {
  std::uint64_t device = 0;  ///< st_dev, as stat(2) encodes it
  std::uint64_t inode = 0;
  auto operator<=>(const FileId&) const = default;
};

enum class FileKind : std::uint8_t { regular, directory, device, socket, pipe, other };

/// One open descriptor, or one mapped file (fd = -1).
struct OpenFile {
  int fd = -1;
  FileKind kind = FileKind::other;
  FileId id;         ///< for a socket or pipe only `inode` is meant
  std::string path;  ///< as the link in /proc/PID/fd reads: bytes from outside, to be shown escaped
  bool operator==(const OpenFile&) const = default;
};

/// Descriptors (Linux: files_struct) and mapped files of a process.
struct FilesStruct {
  std::uint32_t users = 1;
  std::vector<OpenFile> open;
  std::vector<OpenFile> mapped;
  std::vector<Descriptor> fds;  ///< ascending; of tasks that a script drives
  bool operator==(const FilesStruct&) const = default;
};

/// Credentials (Linux: cred).
struct Cred {
  Uid uid, euid, suid, fsuid;
  Gid gid, egid, sgid, fsgid;
  std::uint64_t cap_effective = 0;
  std::uint64_t cap_permitted = 0;
  NamespaceId user_ns;
  bool operator==(const Cred&) const = default;
};

inline constexpr unsigned kCapKill = 5;  // CAP_KILL, capabilities(7)

struct PidNamespace {
  NamespaceId id;
  TaskIndex child_reaper;  ///< its init
  PidNamespaceIndex parent;
  Pid last_pid;        ///< the last number it gave out
  bool dying = false;  ///< its init ended: no new pids (disable_pid_allocation)
  bool operator==(const PidNamespace&) const = default;
};

}  // namespace knell
