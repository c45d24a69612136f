#include "knell/live/snapshot.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <iterator>

namespace knell::live {
namespace {

constexpr Pid kInit{1};

void put_stat(World& world, TaskIndex leader, ProcStat&& stat) {
  Task& task = world[leader];
  const bool ended = stat.state == TaskState::zombie;
  task.comm = std::move(stat.comm);
  task.state = stat.state;
  task.kernel_thread = stat.kernel_thread;
  task.exiting = stat.exiting;
  task.fork_no_exec = stat.fork_no_exec;
  task.exit_code = ended ? stat.exit_code : 0;

  SignalStruct& group = world.signal_of(leader);
  group.start = stat.start;
  group.pgrp = stat.pgrp;
  group.session = stat.session;
  group.tty = stat.tty;
  group.leads_session = stat.session.value() == stat.pid.value();
  group.nr_threads = std::max(stat.num_threads, 1U);
  group.live = group.nr_threads - (ended ? 1 : 0);
  group.unkillable = task.pid == kInit;
}

/// Whose terminal it is, and who is in its foreground: every process that has it says the same.
void put_terminal(World& world, TaskIndex leader, const ProcStat& stat) {
  SignalStruct& group = world.signal_of(leader);
  group.tty_struct = {};
  if (stat.tty == 0) return;
  auto found = std::ranges::find(world.ttys, stat.tty, &Tty::device);
  const auto place = static_cast<std::size_t>(std::distance(world.ttys.begin(), found));
  if (found == world.ttys.end()) world.ttys.push_back({.device = stat.tty});
  Tty& tty = world.ttys[place];
  tty.session = stat.session;
  if (stat.foreground.value() > 0) tty.foreground = stat.foreground;
  group.tty_struct = TtyIndex(place);
}

void put_details(Details& into, Details&& from, Known known) {
  if (from.exe_id != FileId{}) into.exe_id = from.exe_id;
  if (has(known, Known::names)) {
    into.exe = std::move(from.exe);
    into.exe_deleted = from.exe_deleted;
    into.cmdline = std::move(from.cmdline);
  }
  if (has(known, Known::cmdline)) into.cmdline = std::move(from.cmdline);
  if (has(known, Known::status)) {
    into.ns_pids = std::move(from.ns_pids);
    into.pid_ns = from.pid_ns;
    into.tracer = from.tracer;
    into.core_dumping = from.core_dumping;
    into.wchan = std::move(from.wchan);
  }
  if (has(known, Known::cgroup)) {
    into.cgroup = std::move(from.cgroup);
    into.frozen = from.frozen;
  }
  if (has(known, Known::files)) into.net_ns = from.net_ns;
  if (has(known, Known::image)) into.image = std::move(from.image);
  if (has(known, Known::label)) into.label = std::move(from.label);
  if (has(known, Known::namespaces)) into.namespaces = from.namespaces;
  if (has(known, Known::thread_starts)) into.thread_starts = std::move(from.thread_starts);
  if (has(known, Known::environ)) into.environ = std::move(from.environ);
}

/// The place of a pid namespace; [0] is the reader's own.
PidNamespaceIndex intern(World& world, NamespaceId id) {
  auto found = std::ranges::find(world.pid_namespaces, id, &PidNamespace::id);
  const auto place = std::distance(world.pid_namespaces.begin(), found);
  if (found == world.pid_namespaces.end()) world.pid_namespaces.push_back({.id = id});
  return PidNamespaceIndex(static_cast<std::size_t>(place));
}

void put_pid_namespace(World& world, TaskIndex leader, const Reading& reading,
                       const std::vector<Pid>& ns_pids, NamespaceId id) {
  if (ns_pids.size() < 2) return;
  const bool is_init = ns_pids.back() == kInit;
  if (is_init) world.signal_of(leader).unkillable = true;
  if (id == NamespaceId{}) return;  // the reader may not know which
  const PidNamespaceIndex space = intern(world, id);
  world[leader].pid_ns = space;
  if (is_init) world[space].child_reaper = leader;
  if (ns_pids.size() == 2) {
    world[space].parent = PidNamespaceIndex(0);
  } else if (reading.parent_pid_ns != NamespaceId{}) {
    const PidNamespaceIndex parent = intern(world, reading.parent_pid_ns);
    world[space].parent = parent;
  }
}

/// recalc_sigpending_tsk() of kernel/signal.c says when TIF_SIGPENDING is set.
void put_signals(World& world, TaskIndex task, const ProcStatus& status) {
  Task& thread = world[task];
  thread.blocked = status.blocked;
  thread.pending.signal = status.pending;
  thread.signal_pending = !((status.pending | status.shared_pending) & ~status.blocked).empty();
}

void put_status(World& world, TaskIndex leader, ProcStatus& status, NamespaceId user_ns) {
  put_signals(world, leader, status);
  status.cred.user_ns = user_ns;
  world[leader].cred = world.add_cred(status.cred);
  world.signal_of(leader).shared_pending.signal = status.shared_pending;
  world[world[leader].sighand] = {.ignored = status.ignored, .caught = status.caught};
}

/// A tracer is told of the end before the parent is.
void put_tracer(World& world, TaskIndex leader, Pid thread, Pid process) {
  TaskIndex tracer = world.find(thread);
  if (!tracer) tracer = world.find(process);
  world[leader].parent = tracer ? tracer : world[leader].real_parent;
  world[leader].ptrace.traced = tracer.valid();
}

std::vector<TaskIndex> other_threads(const World& world, TaskIndex leader) {
  std::vector<TaskIndex> threads;
  for (TaskIndex at = world[leader].next_thread; at; at = world[at].next_thread)
    threads.push_back(at);
  return threads;
}

void put_thread(World& world, TaskIndex leader, ProcStatus& status) {
  TaskIndex task = world.find(status.pid);
  if (task && world.leader(task) != leader) return;  // its number was another's a moment ago
  if (!task) task = world.add_thread(status.pid, leader);
  put_signals(world, task, status);
  status.cred.user_ns = world[world[leader].cred].user_ns;  // threads cannot differ in it
  Task& thread = world[task];
  thread.comm = std::move(status.name);
  thread.state = status.state;
  thread.cred = world.add_cred(status.cred);
  thread.pid_ns = world[leader].pid_ns;
}

/// Makes the group's tasks those of the reading, and its counts true.
void put_threads(World& world, TaskIndex leader, std::vector<ProcStatus>& threads) {
  for (const TaskIndex task : other_threads(world, leader))
    if (!std::ranges::binary_search(threads, world[task].pid, {}, &ProcStatus::pid))
      world.remove(task);
  for (ProcStatus& status : threads) put_thread(world, leader, status);

  SignalStruct& group = world.signal_of(leader);
  group.nr_threads = 1;
  group.live = world[leader].state == TaskState::zombie ? 0 : 1;
  for (const TaskIndex task : other_threads(world, leader)) {
    ++group.nr_threads;
    if (world[task].state != TaskState::zombie) ++group.live;
  }
}

/// The threads share memory and files with their leader, here as in Linux.
void share(World& world, TaskIndex leader) {
  std::uint32_t users = 1;
  const Known known = world[leader].known;
  for (TaskIndex at = world[leader].next_thread; at; at = world[at].next_thread) {
    world[at].mm = world[leader].mm;
    world[at].files = world[leader].files;
    world[at].known = known;
    ++users;
  }
  if (world[leader].mm) world[world[leader].mm].users = users;
  if (world[leader].files) world[world[leader].files].users = users;
}

void put_files(World& world, TaskIndex leader, FilesStruct&& files, Known known) {
  if (!world[leader].files) {
    world[leader].files = FilesIndex(world.files.size());
    world.files.emplace_back();
  }
  FilesStruct& place = world[world[leader].files];
  if (has(known, Known::files)) place.open = std::move(files.open);
  if (has(known, Known::maps)) place.mapped = std::move(files.mapped);
}

void put_memory(World& world, TaskIndex leader, const MmStruct& mm) {
  if (!world[leader].mm) {
    world[leader].mm = MmIndex(world.mms.size());
    world.mms.emplace_back();
  }
  world[world[leader].mm] = mm;
}

void put(World& world, TaskIndex leader, Reading&& reading) {
  const Known known = reading.known;
  const NamespaceId pid_ns = reading.details.pid_ns;
  world[leader].known = world[leader].known | known;
  put_terminal(world, leader, reading.stat);
  put_stat(world, leader, std::move(reading.stat));
  if (reading.pidfd != Inode{}) world.signal_of(leader).pidfd = reading.pidfd;
  if (reading.status) {
    put_status(world, leader, *reading.status, reading.user_ns);
    put_pid_namespace(world, leader, reading, reading.status->ns_pids, pid_ns);
    put_tracer(world, leader, reading.status->tracer, reading.tracer_process);
  }
  if (known != Known::stat || reading.details.exe_id != FileId{})
    put_details(world.details_of(leader), std::move(reading.details), known);
  if (reading.files) put_files(world, leader, std::move(*reading.files), known);
  if (reading.mm) put_memory(world, leader, *reading.mm);
  if (has(known, Known::threads)) put_threads(world, leader, reading.threads);
  share(world, leader);
  for (const Refusal& refusal : reading.refused)
    note_unread(world, refusal.what, refusal.number, 1);
}

}  // namespace

World world_of(Readings& readings, NamespaceId own_pid_ns) {
  World world;
  world.ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  world.tasks.reserve(readings.size());
  world.signals.reserve(readings.size());
  world.sighands.reserve(readings.size());
  world.by_pid.reserve(readings.size());
  bool detailed = false;
  for (const Reading& reading : readings) {
    if (reading.error != 0) continue;
    world.add_process(reading.stat.pid, TaskIndex{});
    detailed = detailed || reading.known != Known::stat;
  }
  if (detailed) world.details.resize(world.tasks.size());
  world.pid_namespaces.push_back({.id = own_pid_ns, .child_reaper = world.find(kInit)});

  std::size_t place = 0;
  for (const Reading& reading : readings)
    if (reading.error == 0)
      world.set_real_parent(TaskIndex(place++), world.find(reading.stat.parent));
  place = 0;
  for (Reading& reading : readings)
    if (reading.error == 0) put(world, TaskIndex(place++), std::move(reading));
  world.now = boot_time_now(world.ticks_per_second);
  return world;
}

void merge(World& world, TaskIndex leader, Reading&& reading) {
  const TaskIndex parent = world.find(reading.stat.parent);
  if (parent != world[leader].real_parent) world.set_real_parent(leader, parent);
  put(world, leader, std::move(reading));
}

Result<void> check_exhaustion(const Readings& readings) {
  for (const Reading& reading : readings)
    if (exhausted(reading.error))
      return failure(reading.error, "read", "processes",
                     reading.error == EMFILE ? "raise the limit on open files: ulimit -n" : "");
  return {};
}

void note_unread(World& world, const std::string& what, int number, std::uint32_t count) {
  auto known = std::ranges::find(world.unread, what, &Unread::what);
  if (known == world.unread.end())
    world.unread.push_back({.what = what, .number = number, .count = count});
  else
    known->count += count;
}

StartTime boot_time_now(std::uint64_t ticks_per_second) {
  constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return StartTime(static_cast<std::uint64_t>(now.tv_sec) * ticks_per_second +
                   static_cast<std::uint64_t>(now.tv_nsec) /
                       (kNanosecondsPerSecond / ticks_per_second));
}

}  // namespace knell::live
