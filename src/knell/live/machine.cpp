#include "knell/live/machine.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <mutex>
#include <set>

#include "knell/live/hidden.hpp"
#include "knell/live/numbers_taken.hpp"
#include "knell/live/parallel.hpp"
#include "knell/live/proc_memory.hpp"
#include "knell/live/snapshot.hpp"
#include "knell/live/sockets.hpp"
#include "knell/live/state.hpp"
#include "knell/live/task_names.hpp"
#include "knell/live/text.hpp"

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
                          Readings& readings) {
  while (pid != Pid{} && seen.insert(pid).second) {
    Reading& reading = readings.emplace_back();
    reading.stat.pid = pid;
    read_process(proc, pid, wanted, reading);
    if (reading.error != 0) return;
    pid = reading.stat.parent;
  }
}

/// Hands out the listed processes to the threads that read them.
class ToRead {
public:
  ToRead(ProcessList list, std::span<const Pid> passed_over)
      : list_(std::move(list)), passed_over_(passed_over) {}

  /// The next few; none at the end.
  std::vector<Pid> next() {
    const std::lock_guard turn(turn_);
    return take();
  }
  std::vector<Reading*> places_for(const std::vector<Pid>& pids) {
    const std::lock_guard turn(turn_);
    return add(pids);
  }
  /// Both, so that the readings are in the order of the list.
  std::vector<Reading*> next_places() {
    const std::lock_guard turn(turn_);
    return add(take());
  }

  Readings readings;
  int error = 0;  ///< of the list

private:
  std::vector<Pid> take() {
    std::vector<Pid> few;
    while (few.empty()) {
      auto pids = list_.next();
      if (!pids) error = pids.error();
      if (!pids || pids->empty()) break;
      few = std::move(*pids);
      std::erase_if(few, [&](Pid pid) { return std::ranges::binary_search(passed_over_, pid); });
    }
    return few;
  }
  std::vector<Reading*> add(const std::vector<Pid>& pids) {
    std::vector<Reading*> places;
    for (const Pid pid : pids) {
      places.push_back(&readings.emplace_back());
      places.back()->stat.pid = pid;
    }
    return places;
  }

  std::mutex turn_;
  ProcessList list_;
  std::span<const Pid> passed_over_;
};

Pid pid_of(const Reading& reading) {
  return reading.stat.pid;
}

/// True where it cannot be told: whoever has ended meanwhile is found out by the reading.
bool may_fit(ProcReader& proc, Pid pid, const Machine::Fits& fits) {
  auto comm = proc.record(ProcPath(pid, "comm").c_str());
  if (!comm) return true;
  take_ending(*comm, "\n");
  return fits(*comm);
}

void read_all(ProcReader& proc, const Wanted& wanted, ToRead& to_read) {
  for (auto few = to_read.next_places(); !few.empty(); few = to_read.next_places())
    for (Reading* reading : few) read_process(proc, reading->stat.pid, wanted, *reading);
}

/// Of 10,000 processes few fit as a rule: only those get a place.
void read_those_that_fit(ProcReader& proc, const Wanted& wanted, const Machine::Fits& fits,
                         ToRead& to_read) {
  for (auto few = to_read.next(); !few.empty(); few = to_read.next()) {
    std::erase_if(few, [&](Pid pid) { return !may_fit(proc, pid, fits); });
    for (Reading* reading : to_read.places_for(few))
      read_process(proc, reading->stat.pid, wanted, *reading);
  }
}

/// Reads those who were left out after all, and leaves the readings in the order of their pids.
void read_own_ancestors(ProcReader& proc, const Wanted& wanted, Readings& readings) {
  std::set<Pid> seen;
  for (Pid pid(::getpid()); pid != Pid{} && seen.insert(pid).second;) {
    auto place = std::ranges::find(readings, pid, pid_of);
    if (place == readings.end()) {
      readings.emplace_back().stat.pid = pid;
      place = std::prev(readings.end());
      read_process(proc, pid, wanted, *place);
    }
    if (place->error != 0) break;
    pid = place->stat.parent;
  }
  std::ranges::sort(readings, {}, pid_of);
}

/// How many processes there are about: proc_root_getattr() of fs/proc/root.c counts them, those of
/// other pid namespaces too.
std::size_t rough_count(const ProcFs& proc) {
  struct stat about{};
  return ::fstat(proc.fd(), &about) == 0 ? about.st_nlink : 0;
}

/// Who is to be read, and how many those are about.
struct Listed {
  ProcessList list;
  std::size_t about;
};

/// Without those whose name does not fit, as far as names are known.
std::vector<Pid> fitting(std::vector<Pid> pids, std::span<const TaskName> names,
                         const Machine::Fits& fits) {
  std::erase_if(pids, [&](Pid pid) {
    const auto name = std::ranges::lower_bound(names, pid, {}, &TaskName::pid);
    return name != names.end() && name->pid == pid && !name->comm.empty() && !fits(name->comm);
  });
  return pids;
}

/// The names are had from the kernel's own list while /proc tells who is there, which is believed:
/// a kernel was seen whose list is incomplete.
std::expected<Listed, int> listed_by_name(ProcessList list, const Machine::Fits& fits) {
  std::vector<TaskName> names;
  std::vector<std::jthread> other;
  const auto get_names = [&] { names = task_names().value_or(std::vector<TaskName>{}); };
  if (!start_one(other, get_names)) get_names();
  auto all = list.rest();
  other.clear();
  if (!all) return std::unexpected(all.error());
  std::vector<Pid> pids = fitting(std::move(*all), names, fits);
  const std::size_t about = pids.size();
  return Listed{.list = ProcessList(std::move(pids)), .about = about};
}

std::expected<Listed, int> list(const ProcFs& proc, const Machine::Fits& fits, std::size_t many) {
  auto list = ProcessList::open(proc);
  if (!list) return std::unexpected(list.error());
  const std::size_t about = rough_count(proc);
  if (fits && about >= many && may_have_task_names()) return listed_by_name(std::move(*list), fits);
  return Listed{.list = std::move(*list), .about = about};
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
  return read(questions, {});
}

Result<World> Machine::read_fitting(const Questions& questions, const Fits& fits) const {
  return read(questions, fits);
}

Result<World> Machine::read(const Questions& questions, const Fits& fits) const {
  auto listed = list(state_->proc, fits, state_->roots.many);
  if (!listed) return failure(listed.error(), "list", state_->roots.proc);
  ToRead to_read(std::move(listed->list), questions.passed_over);
  const Wanted wanted{
      .depth = questions.of_all, .exe_id = questions.exe_ids, .telling_comms = &questions.comms};
  run_in_threads(listed->about / kShallowGrain, [&] {
    ProcReader proc(state_->proc);
    if (fits)
      read_those_that_fit(proc, wanted, fits, to_read);
    else
      read_all(proc, wanted, to_read);
  });
  if (to_read.error != 0) return failure(to_read.error, "list", state_->roots.proc);
  Readings& readings = to_read.readings;
  KNELL_TRY(check_exhaustion(readings));

  ProcReader reader(state_->proc);
  if (fits) read_own_ancestors(reader, wanted, readings);
  World world = world_of(readings, own_pid_namespace(reader));
  if (questions.sockets) KNELL_TRY(read_own_sockets(reader, world));
  const auto mounts = KNELL_TRY(state_->mounts());
  KNELL_TRY(note_hidden(reader, mounts, readings, world));
  return world;
}

Result<World> Machine::read_some(std::span<const Pid> pids, Known depth) const {
  ProcReader reader(state_->proc);
  const Wanted wanted{.depth = depth};
  Readings readings;
  std::set<Pid> seen;
  read_line_of_descent(reader, Pid(::getpid()), wanted, seen, readings);
  for (const Pid pid : pids)
    if (!seen.contains(pid) && !is_thread(reader, pid))
      read_line_of_descent(reader, pid, wanted, seen, readings);
  KNELL_TRY(check_exhaustion(readings));

  std::ranges::sort(readings, {}, pid_of);
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

/// /proc/loadavg ends with it (loadavg_proc_show of fs/proc/loadavg.c).
Result<std::int64_t> Machine::births() const {
  ProcReader reader(state_->proc);
  auto text = reader.record("loadavg");
  if (!text) return failure(text.error(), "read", state_->roots.proc + "/loadavg");
  take_ending(*text, "\n");
  const auto last = number<std::int64_t>(text->substr(text->rfind(' ') + 1));
  if (!last) return failure(EBADMSG, "understand", state_->roots.proc + "/loadavg");
  return *last - numbers_taken.load();
}

std::string Machine::memory_cgroup(std::span<const Pid> pids) const {
  ProcReader reader(state_->proc);
  std::string shared;
  for (const Pid pid : pids) {
    const auto text = reader.record(ProcPath(pid, "cgroup").c_str());
    const std::string own = text ? parse_cgroup(*text).memory : "";
    if (own.size() <= 1 || (!shared.empty() && own != shared)) return {};
    shared = own;
  }
  return shared;
}

Result<CgroupsOf> Machine::cgroups_of(Pid process) const {
  ProcReader reader(state_->proc);
  const ProcPath path(process, "cgroup");
  const auto text = reader.whole(path.c_str());
  if (!text) return failure(text.error(), "read", state_->roots.proc + "/" + path.c_str());
  const ProcCgroup own = parse_cgroup(*text);
  return KNELL_TRY(state_->cgroups()).directories(own);
}

Result<std::vector<Pid>> Machine::threads_of(Pid process) const {
  ProcReader reader(state_->proc);
  const ProcPath path(process, "task");
  const auto tasks = reader.directory(path.c_str());
  if (!tasks) return failure(tasks.error(), "read", state_->roots.proc + "/" + path.c_str());
  return std::vector<Pid>(tasks->numbers.begin(), tasks->numbers.end());
}

Result<std::uint64_t> Machine::cgroup_memory(const std::string& cgroup) const {
  return KNELL_TRY(state_->cgroups()).memory(cgroup);
}

}  // namespace knell::live
