#include "knell/live/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "knell/live/hidden.hpp"
#include "knell/live/parallel.hpp"
#include "knell/live/proc_memory.hpp"
#include "knell/live/snapshot.hpp"
#include "knell/live/sockets.hpp"
#include "knell/live/state.hpp"

namespace knell::live {
namespace {

NamespaceId own_pid_namespace(ProcReader& proc) {
  const auto link = proc.link("self/ns/pid");
  return NamespaceId(link ? inode_in_link(*link, "pid") : 0);
}

/// A number that was named may be a thread's: /proc has files for those too, though it does not
/// list them. Only processes are read.
bool is_thread(ProcReader& proc, Pid pid) {
  const auto text = proc.record(ProcPath(pid, "status").c_str());
  const auto status = text ? parse_status(*text) : std::nullopt;
  return status && status->tgid != pid;
}

/// Reads a process and all that made it, up to those that are read already.
void read_line_of_descent(ProcReader& proc, Pid pid, const Wanted& wanted, std::set<Pid>& seen,
                          std::vector<Reading>& readings) {
  while (pid != Pid{} && seen.insert(pid).second) {
    Reading& reading = readings.emplace_back();
    reading.stat.pid = pid;
    read_process(proc, pid, wanted, reading);
    if (reading.error != 0) return;
    pid = reading.stat.parent;
  }
}

}  // namespace

Machine::Machine(std::unique_ptr<State> state) : state_(std::move(state)) {
}
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;
Machine::~Machine() = default;

Result<Machine> Machine::open(Roots roots) {
  ProcFs proc = KNELL_TRY(ProcFs::open(roots.proc));
  return Machine(std::make_unique<State>(
      State{.roots = std::move(roots), .proc = std::move(proc), .mounts_read = {}}));
}

int Machine::proc_fd() const {
  return state_->proc.fd();
}

const Roots& Machine::roots() const {
  return state_->roots;
}

Result<World> Machine::read(const Questions& questions) const {
  ProcReader reader(state_->proc);
  const auto listed = reader.directory(".");
  if (!listed) return failure(listed.error(), "list", state_->roots.proc);
  std::vector<Reading> readings(listed->numbers.size());
  const Wanted wanted{.depth = questions.of_all, .exe_id = questions.exe_ids};
  parallel_for(state_->proc, readings.size(), kShallowGrain, [&](ProcReader& proc, std::size_t i) {
    read_process(proc, Pid(listed->numbers[i]), wanted, readings[i]);
  });
  KNELL_TRY(check_exhaustion(readings));

  World world = world_of(readings, own_pid_namespace(reader));
  if (questions.sockets) KNELL_TRY(read_own_sockets(reader, world));
  const auto mounts = KNELL_TRY(state_->mounts());
  KNELL_TRY(note_hidden(reader, mounts, readings, world));
  return world;
}

Result<World> Machine::read_some(std::span<const Pid> pids, Known depth) const {
  ProcReader reader(state_->proc);
  const Wanted wanted{.depth = depth};
  std::vector<Reading> readings;
  std::set<Pid> seen;
  read_line_of_descent(reader, Pid(::getpid()), wanted, seen, readings);
  for (const Pid pid : pids)
    if (!seen.contains(pid) && !is_thread(reader, pid))
      read_line_of_descent(reader, pid, wanted, seen, readings);
  KNELL_TRY(check_exhaustion(readings));

  std::ranges::sort(readings, {}, [](const Reading& reading) { return reading.stat.pid; });
  World world = world_of(readings, own_pid_namespace(reader));
  const bool missing =
      std::ranges::any_of(readings, [](const Reading& reading) { return reading.error != 0; });
  if (missing) {
    const auto mounts = KNELL_TRY(state_->mounts());
    KNELL_TRY(note_hidden(reader, mounts, readings, world));
  }
  return world;
}

Result<std::uint64_t> Machine::memory_available() const {
  ProcReader reader(state_->proc);
  const auto text = reader.whole("meminfo");
  if (!text) return failure(text.error(), "read", state_->roots.proc + "/meminfo");
  const auto bytes = parse_memory_available(*text);
  if (!bytes) return failure(EBADMSG, "find MemAvailable in", state_->roots.proc + "/meminfo");
  return *bytes;
}

Result<std::uint64_t> Machine::cgroup_memory(const std::string& cgroup) const {
  return KNELL_TRY(state_->cgroups()).memory(cgroup);
}

}  // namespace knell::live
