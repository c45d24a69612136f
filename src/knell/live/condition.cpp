#include <cerrno>

#include "knell/live/machine.hpp"
#include "knell/live/reading.hpp"
#include "knell/live/state.hpp"
#include "knell/live/text.hpp"

namespace knell::live {
namespace {

/// The kernel shows 0 for the exit code to those who may not trace the process, which is the same
/// that lets one read its namespaces: do_task_stat() of fs/proc/array.c, proc_ns_readlink().
std::optional<WaitStatus> exit_code_of(ProcReader& proc, const ProcStat& stat) {
  if (stat.state != TaskState::zombie || stat.num_threads > 1) return std::nullopt;
  if (stat.exit_code == 0 && !proc.link(ProcPath(stat.pid, "ns/user").c_str())) return std::nullopt;
  return WaitStatus(stat.exit_code);
}

std::string comm_of(ProcReader& proc, Pid pid) {
  if (pid == Pid{}) return {};
  const auto text = proc.record(ProcPath(pid, "stat").c_str());
  auto stat = text ? parse_stat(*text) : std::nullopt;
  return stat ? std::move(stat->comm) : std::string{};
}

}  // namespace

Result<Machine::Condition> Machine::condition(ProcessId id) const {
  ProcReader proc(state_->proc);
  Reading reading;
  read_process(proc, id.pid,
               {.depth = Known::status | Known::cgroup, .exe_id = false, .deep = true}, reading);
  const std::string object = "process " + std::to_string(id.pid.value());
  if (reading.error != 0) return failure(reading.error, "look at", object);
  if (reading.stat.start != id.start) return failure(ESRCH, "look at", object);
  if (!reading.status) return failure(EACCES, "look at", object);

  const ProcStatus& status = *reading.status;
  CgroupTree cgroups = KNELL_TRY(state_->cgroups());
  return Condition{.state = reading.stat.state,
                   .nr_threads = reading.stat.num_threads,
                   .pending = status.pending | status.shared_pending,
                   .blocked = status.blocked,
                   .ignored = status.ignored,
                   .caught = status.caught,
                   .tracer = status.tracer,
                   .parent = reading.stat.parent,
                   .parent_comm = comm_of(proc, reading.stat.parent),
                   .wchan = std::move(reading.details.wchan),
                   .frozen = cgroups.frozen(reading.cgroup),
                   .core_dumping = status.core_dumping,
                   .exit_code = exit_code_of(proc, reading.stat)};
}

}  // namespace knell::live
