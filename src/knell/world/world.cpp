#include "knell/world/world.hpp"

#include <algorithm>

namespace knell {
namespace {

/// Readers add pids in ascending order, so this is an append nearly always.
void enter(World& world, Pid pid, TaskIndex task) {
  auto& by_pid = world.by_pid;
  auto place = by_pid.empty() || by_pid.back().first < pid
                   ? by_pid.end()
                   : std::ranges::lower_bound(by_pid, pid, {}, &std::pair<Pid, TaskIndex>::first);
  if (place != by_pid.end() && place->first == pid)
    place->second = task;  // who had the number is released
  else
    by_pid.emplace(place, pid, task);
}

}  // namespace

TaskIndex World::find(Pid pid) const {
  auto place = std::ranges::lower_bound(by_pid, pid, {}, &std::pair<Pid, TaskIndex>::first);
  const bool found = place != by_pid.end() && place->first == pid;
  if (!found || (*this)[place->second].state == TaskState::released) return {};
  return (*this)[place->second].pid == pid ? place->second : TaskIndex{};  // or it has another now
}

TaskIndex World::find(ProcessId wanted) const {
  const TaskIndex task = find(wanted.pid);
  return task && id(task) == wanted ? task : TaskIndex{};
}

TaskIndex World::add_process(Pid pid, TaskIndex parent) {
  const TaskIndex task(tasks.size());
  const SignalIndex signal(signals.size());
  const SighandIndex sighand(sighands.size());
  signals.push_back({.leader = task, .last_thread = task});
  sighands.emplace_back();
  Task& made = tasks.emplace_back();
  made.pid = pid;
  made.signal = signal;
  made.sighand = sighand;
  enter(*this, pid, task);
  set_real_parent(task, parent);
  return task;
}

TaskIndex World::add_thread(Pid pid, TaskIndex like) {
  const TaskIndex task(tasks.size());
  Task made = (*this)[like];
  made.pid = pid;
  made.first_child = made.last_child = made.next_sibling = made.prev_sibling = TaskIndex{};
  made.next_thread = TaskIndex{};
  made.pending = {};
  made.ptrace = {};
  made.jobctl = {};
  made.context = {};
  made.signal_pending = made.in_handler = made.exiting = false;
  made.exit_code = 0;
  tasks.push_back(std::move(made));
  SignalStruct& group = signal_of(like);
  (*this)[group.last_thread].next_thread = task;
  group.last_thread = task;
  ++group.nr_threads;
  ++group.live;
  const Task& shared = (*this)[task];
  ++(*this)[shared.sighand].users;
  if (shared.mm) ++(*this)[shared.mm].users;
  if (shared.files) ++(*this)[shared.files].users;
  enter(*this, pid, task);
  return task;
}

void World::set_real_parent(TaskIndex child, TaskIndex parent) {
  Task& task = (*this)[child];
  if (task.prev_sibling) (*this)[task.prev_sibling].next_sibling = task.next_sibling;
  if (task.next_sibling) (*this)[task.next_sibling].prev_sibling = task.prev_sibling;
  if (task.real_parent) {
    Task& before = (*this)[task.real_parent];
    if (before.first_child == child) before.first_child = task.next_sibling;
    if (before.last_child == child) before.last_child = task.prev_sibling;
  }

  if (task.parent == task.real_parent) task.parent = parent;  // a tracer keeps what it traces
  task.real_parent = parent;
  task.prev_sibling = TaskIndex{};
  task.next_sibling = parent ? (*this)[parent].first_child : TaskIndex{};
  if (task.next_sibling) (*this)[task.next_sibling].prev_sibling = child;
  if (!parent) return;
  Task& above = (*this)[parent];
  above.first_child = child;
  if (!above.last_child) above.last_child = child;
}

void World::replace_child(TaskIndex child, TaskIndex heir) {
  Task& old = (*this)[child];
  Task& task = (*this)[heir];
  task.real_parent = old.real_parent;
  task.next_sibling = old.next_sibling;
  task.prev_sibling = old.prev_sibling;
  if (task.next_sibling) (*this)[task.next_sibling].prev_sibling = heir;
  if (task.prev_sibling) (*this)[task.prev_sibling].next_sibling = heir;
  if (task.real_parent) {
    Task& parent = (*this)[task.real_parent];
    if (parent.first_child == child) parent.first_child = heir;
    if (parent.last_child == child) parent.last_child = heir;
  }
  old.real_parent = old.parent = old.next_sibling = old.prev_sibling = TaskIndex{};
}

void World::renumber(TaskIndex task, Pid pid) {
  (*this)[task].pid = pid;
  enter(*this, pid, task);
}

void World::remove(TaskIndex task) {
  const TaskIndex head = leader(task);
  if (head == task) {
    set_real_parent(task, TaskIndex{});
  } else {
    TaskIndex before = head;
    while ((*this)[before].next_thread != task) before = (*this)[before].next_thread;
    (*this)[before].next_thread = (*this)[task].next_thread;
    if (signal_of(task).last_thread == task) signal_of(task).last_thread = before;
    if (signal_of(task).curr_target == task)  // Linux: __exit_signal
      signal_of(task).curr_target = (*this)[task].next_thread ? (*this)[task].next_thread : head;
  }
  --signal_of(task).nr_threads;
  (*this)[task].state = TaskState::released;
}

CredIndex World::add_cred(const Cred& cred) {
  // A machine has few different ones, and neighbours are alike: the newest first.
  auto found = std::ranges::find(creds.rbegin(), creds.rend(), cred);
  if (found != creds.rend())
    return CredIndex(static_cast<std::size_t>(std::distance(found, creds.rend()) - 1));
  creds.push_back(cred);
  return CredIndex(creds.size() - 1);
}

UserContext& World::context_of(TaskIndex task) {
  Task& of = (*this)[task];
  if (!of.context) {
    of.context = ContextIndex(contexts.size());
    contexts.emplace_back();
  }
  return (*this)[of.context];
}

ProcessId World::id(TaskIndex task) const {
  return {(*this)[leader(task)].pid, signal_of(task).start};
}

const Details& World::details_of(TaskIndex task) const {
  static const Details none;
  const std::size_t place = leader(task).place();
  return place < details.size() ? details[place] : none;
}

Details& World::details_of(TaskIndex task) {
  const std::size_t place = leader(task).place();
  if (place >= details.size()) details.resize(place + 1);
  return details[place];
}

std::vector<TaskIndex> World::processes() const {
  std::vector<TaskIndex> leaders;
  leaders.reserve(by_pid.size());
  for (const auto& [pid, task] : by_pid)
    if (leader(task) == task && (*this)[task].state != TaskState::released) leaders.push_back(task);
  return leaders;
}

bool World::is_zombie(TaskIndex leader) const {
  return (*this)[leader].state == TaskState::zombie && signal_of(leader).nr_threads <= 1;
}

const Socket* World::find_socket(Inode inode) const {
  auto place = std::ranges::lower_bound(sockets, inode, {}, &Socket::inode);
  return place != sockets.end() && place->inode == inode ? &*place : nullptr;
}

}  // namespace knell
