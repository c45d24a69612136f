#include <algorithm>
#include <set>

#include "knell/live/machine.hpp"
#include "knell/live/parallel.hpp"
#include "knell/live/snapshot.hpp"
#include "knell/live/sockets.hpp"
#include "knell/live/state.hpp"
#include "knell/live/units.hpp"

namespace knell::live {
namespace {

/// The processes of these tasks, each once, without those that are gone.
std::vector<TaskIndex> leaders_of(const World& world, std::span<const TaskIndex> tasks) {
  std::vector<TaskIndex> leaders;
  for (const TaskIndex task : tasks)
    if (world[world.leader(task)].state != TaskState::released)
      leaders.push_back(world.leader(task));
  std::ranges::sort(leaders);
  const auto repeated = std::ranges::unique(leaders);
  leaders.erase(repeated.begin(), repeated.end());
  return leaders;
}

std::vector<TaskIndex> children_of(const World& world, TaskIndex task) {
  std::vector<TaskIndex> children;
  for (const TaskIndex child : world.children(task)) children.push_back(child);
  return children;
}

void remove_group(World& world, TaskIndex leader) {
  while (world[leader].next_thread) world.remove(world[leader].next_thread);
  world.remove(leader);
  world.signal_of(leader).live = 0;
}

/// Takes a process out that has ended, and gives its children the parents they have by now; those
/// of them that are gone too go as well.
Result<void> remove_ended(ProcReader& proc, World& world, TaskIndex ended) {
  std::vector<TaskIndex> orphans = children_of(world, ended);
  remove_group(world, ended);
  while (!orphans.empty()) {
    const TaskIndex orphan = orphans.back();
    orphans.pop_back();
    if (world[orphan].state == TaskState::released) continue;
    Reading now;
    read_process(proc, world[orphan].pid, {}, now);
    if (exhausted(now.error)) return failure(now.error, "read", "processes");
    if (now.error == 0 && now.stat.start == world.id(orphan).start) {
      world.set_real_parent(orphan, world.find(now.stat.parent));
      continue;
    }
    std::ranges::copy(children_of(world, orphan), std::back_inserter(orphans));
    remove_group(world, orphan);
  }
  return {};
}

/// The init of a pid namespace may be none of those who were asked about. It made them, or made
/// who made them, so it is looked for upwards.
void find_child_reaper(ProcReader& proc, World& world, TaskIndex member) {
  const PidNamespaceIndex space = world[member].pid_ns;
  if (!space || world[space].child_reaper) return;
  for (TaskIndex at = world[member].real_parent; at; at = world[at].real_parent) {
    const auto text = proc.record(ProcPath(world[at].pid, "status").c_str());
    const auto status = text ? parse_status(*text) : std::nullopt;
    if (!status || status->ns_pids.size() < 2) return;
    if (status->ns_pids.back() != Pid(1)) continue;
    const auto link = proc.link(ProcPath(world[at].pid, "ns/pid").c_str());
    if (!link || NamespaceId(inode_in_link(*link, "pid")) != world[space].id) continue;
    world[space].child_reaper = at;
    world[at].pid_ns = space;
    world.signal_of(at).unkillable = true;
    return;
  }
}

/// Brings the readings of these processes into the World; who has ended goes out of it, and out of
/// `leaders`.
Result<void> take_in(ProcReader& proc, CgroupTree& cgroups, World& world,
                     std::vector<TaskIndex>& leaders, Readings& readings) {
  std::vector<TaskIndex> ended;
  for (std::size_t i = 0; i < leaders.size(); ++i) {
    if (readings[i].error != 0) {
      ended.push_back(leaders[i]);
      continue;
    }
    readings[i].details.frozen = cgroups.frozen(readings[i].cgroup);
    merge(world, leaders[i], std::move(readings[i]));
  }
  const auto released = [&](TaskIndex leader) {
    return world[leader].state == TaskState::released;
  };
  for (const TaskIndex leader : ended)
    if (!released(leader)) KNELL_TRY(remove_ended(proc, world, leader));
  std::erase_if(leaders, released);
  return {};
}

void add_units(const Roots& roots, World& world, std::span<const TaskIndex> leaders) {
  std::set<std::string> cgroups;
  for (const TaskIndex leader : leaders) {
    const std::string& cgroup = world.details_of(leader).cgroup;
    if (cgroup.size() > 1) cgroups.insert(cgroup);
  }
  if (cgroups.empty()) return;
  const std::vector<std::string> asked(cgroups.begin(), cgroups.end());
  for (SystemdUnit& unit : units_of(roots, asked))
    if (std::ranges::find(world.units, unit) == world.units.end())
      world.units.push_back(std::move(unit));
}

}  // namespace

Result<void> Machine::deepen(World& world, std::span<const TaskIndex> tasks, Known depth) const {
  Wanted wanted{.depth = depth, .deep = has(depth, Known::surroundings)};
  if (wanted.deep) wanted.depth = wanted.depth | Known::cgroup;  // for who is frozen
  std::vector<TaskIndex> leaders = leaders_of(world, tasks);
  Readings readings(leaders.size());
  parallel_for(state_->proc, leaders.size(), kDeepGrain, [&](ProcReader& proc, std::size_t i) {
    read_pinned(proc, world.id(leaders[i]), wanted, readings[i]);
  });
  KNELL_TRY(check_exhaustion(readings));

  ProcReader proc(state_->proc);
  CgroupTree cgroups;
  if (has(wanted.depth, Known::cgroup)) cgroups = KNELL_TRY(state_->cgroups());
  KNELL_TRY(take_in(proc, cgroups, world, leaders, readings));
  for (const TaskIndex leader : leaders) find_child_reaper(proc, world, leader);
  if (has(depth, Known::files)) {
    KNELL_TRY(read_sockets_of(proc, world, leaders));
    KNELL_TRY(read_locks_of(proc, world, leaders));
  }
  if (has(depth, Known::cgroup)) add_units(state_->roots, world, leaders);
  return {};
}

std::vector<Machine::Holder> Machine::socket_holders(World& world,
                                                     std::span<const Inode> sockets) const {
  std::vector<Inode> wanted(sockets.begin(), sockets.end());
  std::ranges::sort(wanted);
  const std::vector<TaskIndex> leaders = world.processes();
  std::vector<std::expected<std::vector<Inode>, int>> held(leaders.size());
  parallel_for(state_->proc, leaders.size(), kShallowGrain, [&](ProcReader& proc, std::size_t i) {
    const Task& task = world[leaders[i]];
    const Body body(proc, {.pid = task.pid,
                           .state = task.state,
                           .kernel_thread = task.kernel_thread,
                           .num_threads = world.signal_of(leaders[i]).nr_threads});
    if (body.alive()) held[i] = read_sockets_held(proc, body, wanted);
  });

  std::vector<Holder> holders;
  for (std::size_t i = 0; i < leaders.size(); ++i) {
    if (held[i]) {
      for (const Inode socket : *held[i]) holders.push_back({leaders[i], socket});
    } else if (held[i].error() != ENOENT && held[i].error() != ESRCH) {
      note_unread(world, "open files", held[i].error(), 1);
    }
  }
  return holders;
}

}  // namespace knell::live
