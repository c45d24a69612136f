#pragma once

/// The machine as a value.
///
/// A World is plain data: lists of the kernel's objects, which name one another by `Index` (their
/// place in the list), never by pointer. So it is copied, compared and diffed like a number. Two
/// things make one: `live/` reads the real machine, a script builds one by hand. One thing changes
/// one: `kernel/`.
///
/// A World read from a machine is honest about its gaps: `Task::known` says what was read of each
/// process, and `unread` what could not be. What is not known has its default value.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "knell/world/ids.hpp"
#include "knell/world/objects.hpp"
#include "knell/world/task.hpp"

namespace knell {

enum class Protocol : std::uint8_t { tcp, tcp6, udp, udp6, unix_stream };
enum class SocketState : std::uint8_t { listening, established, other };

/// A socket by its inode, as /proc/net tells it.
struct Socket {
  Inode inode;
  Protocol protocol = Protocol::tcp;
  SocketState state = SocketState::other;
  std::string local_address;  ///< "127.0.0.1", "::", or a unix path (abstract ones begin with '@')
  std::uint16_t local_port = 0;
  std::string remote_address;
  std::uint16_t remote_port = 0;
  bool operator==(const Socket&) const = default;
};

/// A lock on a file (flock(2), fcntl(2)), as /proc/locks tells it.
struct FileLock {
  enum class Type : std::uint8_t { flock, posix, ofd, lease, other };
  Type type = Type::other;
  bool write = false;
  Pid holder;
  FileId file;
  bool operator==(const FileLock&) const = default;
};

/// The namespaces of a process, namespaces(7), in the order of /proc/PID/ns; 0: not known.
struct Namespaces {
  NamespaceId ipc, mnt, net, pid, user, uts;
  bool operator==(const Namespaces&) const = default;
};

/// When a thread was started.
struct ThreadStart {
  Pid pid;
  StartTime start;
  bool operator==(const ThreadStart&) const = default;
};

/// What a process is called and where it lives, beside what the kernel keeps about its signals.
/// Strings are bytes from outside: whoever shows them escapes them.
struct Details {
  std::string exe;  ///< the executable's path; " (deleted)" taken off, see exe_deleted
  bool exe_deleted = false;
  FileId exe_id;        ///< only where an exe: target asked for it
  std::string cmdline;  ///< arguments with a NUL after each, as the kernel gives them
  std::string cgroup;   ///< path in the cgroup tree ("/system.slice/x.service"), "" if not known
  /// What execve(2) gave its program and fork(2) copies: the auxiliary vector, with the addresses
  /// at which everything was placed at random, and the 16 random bytes that AT_RANDOM names
  /// (getauxval(3)). Two processes that have the same are forks of one execve. "": not known.
  std::string image;
  std::string environ;  ///< NAME=VALUE with a NUL after each
  std::string wchan;    ///< the kernel function it sleeps in, where it can be read
  std::string label;    ///< what a security module calls it, proc_pid_attr(5); "": there is none
  Namespaces namespaces;
  std::vector<ThreadStart> thread_starts;  ///< of all but the leader, ascending by pid
  NamespaceId pid_ns;
  NamespaceId net_ns;
  Pid tracer;                ///< 0: none
  std::vector<Pid> ns_pids;  ///< its number in each pid namespace, the reader's first
  bool frozen = false;       ///< by the cgroup freezer
  bool core_dumping = false;
  bool operator==(const Details&) const = default;
};

/// A systemd unit that owns one of the processes read deeply, from its unit files.
struct SystemdUnit {
  std::string name;     ///< "nginx.service"
  std::string cgroup;   ///< "/system.slice/nginx.service"
  std::string restart;  ///< Restart=, "no" where it is not set (systemd.service(5))
  std::vector<std::string> triggered_by;  ///< socket, timer and path units that would start it
  bool operator==(const SystemdUnit&) const = default;
};

/// Something about the machine that could not be read, to be said once.
struct Unread {
  std::string what;         ///< "open files", "memory", "other users' processes (hidepid=2)"
  int number = 0;           ///< errno
  std::uint32_t count = 0;  ///< of how many processes
  bool operator==(const Unread&) const = default;
};

class Children;

struct World {
  std::vector<Task> tasks;
  std::vector<SignalStruct> signals;
  std::vector<SighandStruct> sighands;
  std::vector<MmStruct> mms;
  std::vector<FilesStruct> files;
  std::vector<Cred> creds;
  std::vector<PidNamespace> pid_namespaces;  ///< [0], where there is one, is the reader's own
  std::vector<UserContext> contexts;
  std::vector<File> open_files;
  std::vector<Pipe> pipes;
  std::vector<Tty> ttys;
  std::vector<HeldLock> held_locks;        ///< who locked first is first (file_lock_context)
  std::vector<BlockedLock> blocked_locks;  ///< who waits for those, who came first is first
  std::vector<RobustLock> robust_locks;
  std::uint32_t ptrace_links = 0;  ///< how often somebody began to be traced
  std::uint32_t pgrp_joins = 0;    ///< how often somebody joined a process group
  std::vector<int> semaphores;     ///< values of the one set of System V semaphores
  std::uint32_t shm_attached = 0;  ///< shm_nattch of the one segment
  std::vector<std::pair<Uid, std::uint32_t>> sigqueue_count;  ///< signals queued for each user
  bool global_init = true;           ///< pid 1 is the machine's own init, not a container's
  std::vector<TaskIndex> run_queue;  ///< tasks that will run, who was woken first is first
  std::vector<TaskIndex> sleepers;   ///< tasks asleep in a call, who slept first is first
  std::uint64_t clock = 0;           ///< virtual time, in milliseconds
  std::vector<Details> details;      ///< one a task, at the task's place, or shorter
  std::vector<Socket> sockets;       ///< ascending by inode
  std::vector<FileLock> locks;
  std::vector<SystemdUnit> units;
  std::vector<Unread> unread;
  std::uint64_t ticks_per_second = 100;
  StartTime now;  ///< when it was read, on the clock of StartTime
  std::vector<std::pair<Pid, TaskIndex>>
      by_pid;  ///< ascending; a released task stays until its number is used again

  Task& operator[](TaskIndex i) { return tasks[i.place()]; }
  const Task& operator[](TaskIndex i) const { return tasks[i.place()]; }
  SignalStruct& operator[](SignalIndex i) { return signals[i.place()]; }
  const SignalStruct& operator[](SignalIndex i) const { return signals[i.place()]; }
  SighandStruct& operator[](SighandIndex i) { return sighands[i.place()]; }
  const SighandStruct& operator[](SighandIndex i) const { return sighands[i.place()]; }
  MmStruct& operator[](MmIndex i) { return mms[i.place()]; }
  const MmStruct& operator[](MmIndex i) const { return mms[i.place()]; }
  FilesStruct& operator[](FilesIndex i) { return files[i.place()]; }
  const FilesStruct& operator[](FilesIndex i) const { return files[i.place()]; }
  Cred& operator[](CredIndex i) { return creds[i.place()]; }
  const Cred& operator[](CredIndex i) const { return creds[i.place()]; }
  UserContext& operator[](ContextIndex i) { return contexts[i.place()]; }
  const UserContext& operator[](ContextIndex i) const { return contexts[i.place()]; }
  File& operator[](FileIndex i) { return open_files[i.place()]; }
  const File& operator[](FileIndex i) const { return open_files[i.place()]; }
  Pipe& operator[](PipeIndex i) { return pipes[i.place()]; }
  const Pipe& operator[](PipeIndex i) const { return pipes[i.place()]; }
  Tty& operator[](TtyIndex i) { return ttys[i.place()]; }
  const Tty& operator[](TtyIndex i) const { return ttys[i.place()]; }
  PidNamespace& operator[](PidNamespaceIndex i) { return pid_namespaces[i.place()]; }
  const PidNamespace& operator[](PidNamespaceIndex i) const { return pid_namespaces[i.place()]; }

  bool operator==(const World&) const = default;

  /// The task with this number, or none.
  [[nodiscard]] TaskIndex find(Pid pid) const;
  /// The leader of the process with this identity, or none (also when the number is another's now).
  [[nodiscard]] TaskIndex find(ProcessId id) const;

  /// A new process: one task leading a group of its own, with a handler table of its own, child of
  /// `parent` (none for the first). The caller fills in the rest.
  TaskIndex add_process(Pid pid, TaskIndex parent);
  /// A new thread in the group of `like`; it shares that one's handlers, memory and files.
  TaskIndex add_thread(Pid pid, TaskIndex like);
  /// Makes `child` a child of `parent`, and no longer of who had it. No parent: of nobody.
  void set_real_parent(TaskIndex child, TaskIndex parent);
  /// `heir` takes the place of `child` among its siblings, and in the group that `child` leads
  /// (execve by a thread that is not the leader: de_thread).
  void replace_child(TaskIndex child, TaskIndex heir);
  /// The task has this number from now on (execve by a thread that is not the leader).
  void renumber(TaskIndex task, Pid pid);
  /// Takes the task out of the tree and the list of pids; its place stays, empty (released).
  void remove(TaskIndex task);
  /// Interns a value: the place of an equal one, or of the new one.
  CredIndex add_cred(const Cred& cred);
  /// The task's context; a new one where it has none.
  UserContext& context_of(TaskIndex task);

  [[nodiscard]] Children children(TaskIndex task) const;
  /// The process the task belongs to: its thread group's leader.
  [[nodiscard]] TaskIndex leader(TaskIndex task) const;
  [[nodiscard]] ProcessId id(TaskIndex task) const;
  [[nodiscard]] SignalStruct& signal_of(TaskIndex task);
  [[nodiscard]] const SignalStruct& signal_of(TaskIndex task) const;
  /// The details of a task's process; empty ones where none were read.
  [[nodiscard]] const Details& details_of(TaskIndex task) const;
  Details& details_of(TaskIndex task);
  /// The leaders of all thread groups that are not released, in ascending order of their pids.
  [[nodiscard]] std::vector<TaskIndex> processes() const;
  /// True for a process of which nothing runs any more: a zombie leader without living threads.
  [[nodiscard]] bool is_zombie(TaskIndex leader) const;
  [[nodiscard]] const Socket* find_socket(Inode inode) const;
};

/// The children of a task, newest first: `for (TaskIndex child : world.children(task))`.
class Children {
public:
  class Iterator {
  public:
    Iterator(const World* world, TaskIndex at) : world_(world), at_(at) {}
    TaskIndex operator*() const { return at_; }
    Iterator& operator++() {
      at_ = (*world_)[at_].next_sibling;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

  private:
    const World* world_;
    TaskIndex at_;
  };

  Children(const World* world, TaskIndex first) : world_(world), first_(first) {}
  [[nodiscard]] Iterator begin() const { return {world_, first_}; }
  [[nodiscard]] Iterator end() const { return {world_, TaskIndex{}}; }
  [[nodiscard]] bool empty() const { return !first_.valid(); }

private:
  const World* world_;
  TaskIndex first_;
};

// What the kernel room asks at every turn.
inline TaskIndex World::leader(TaskIndex task) const {
  return signal_of(task).leader;
}
inline SignalStruct& World::signal_of(TaskIndex task) {
  return (*this)[(*this)[task].signal];
}
inline const SignalStruct& World::signal_of(TaskIndex task) const {
  return (*this)[(*this)[task].signal];
}
inline Children World::children(TaskIndex task) const {
  return {this, (*this)[task].first_child};
}

}  // namespace knell
