#include "knell/supervise/descendants.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <unordered_set>

#include "knell/live/cgroup.hpp"
#include "knell/live/proc_stat.hpp"
#include "knell/live/text.hpp"

namespace knell::supervise {
namespace {

constexpr std::int32_t kMostPids = 4'194'304;  // PID_MAX_LIMIT, include/linux/threads.h

constexpr std::size_t kMostAsked = 64;  // about their groups, at a time

bool lives(const live::ProcStat& stat) {
  const bool ended = stat.state == TaskState::zombie || stat.state == TaskState::dead;
  return !ended || stat.num_threads > 1;  // a leader that has ended before its threads
}

/// Wherever wait(2) says "no child of yours" at once, a number is none; it does not say which are.
std::vector<Pid> children_by_asking() {
  std::vector<Pid> found;
  for (std::int32_t pid = 2; pid < kMostPids; ++pid)
    if (is_child(Pid(pid))) found.emplace_back(pid);
  return found;
}

std::vector<Pid> pids_in(std::string_view text) {
  std::vector<Pid> pids;
  while (true) {
    const std::string_view word = live::take_word(text);
    if (word.empty()) return pids;
    if (const auto pid = live::number<std::int32_t>(word)) pids.emplace_back(*pid);
  }
}

/// Of all processes those below `root`, without recursion: a chain of forks may be long.
std::vector<Process> below(Pid root, std::vector<Process> all) {
  std::ranges::sort(all, {}, &Process::parent);
  std::vector<Pid> to_visit{root};
  std::vector<Process> found;
  while (!to_visit.empty()) {
    const Pid parent = to_visit.back();
    to_visit.pop_back();
    for (Process& child : std::ranges::equal_range(all, parent, {}, &Process::parent)) {
      to_visit.push_back(child.id.pid);
      found.push_back(std::move(child));
      found.back().parent = parent;
    }
  }
  return found;
}

}  // namespace

bool is_child(Pid pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid.value()), &info,
                  WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

Descendants Descendants::of_caller() {
  Descendants descendants;
  Result<live::Machine> machine = live::Machine::open();
  if (!machine) return descendants;  // no /proc, or that of another pid namespace
  descendants.machine_ = std::move(*machine);
  descendants.reader_.emplace(descendants.machine_->proc_fd());
  return descendants;
}

std::vector<Process> Descendants::all() {
  std::vector<Process> processes;
  const auto directory = reader_->directory(".");
  if (!directory) return processes;
  for (const std::int32_t number : directory->numbers) {
    const auto text = reader_->record(live::ProcPath(Pid(number), "stat").c_str());
    if (!text) continue;
    const auto stat = live::parse_stat(*text);
    if (stat)
      processes.push_back({{stat->pid, stat->start},
                           stat->parent,
                           lives(*stat) ? stat->state : TaskState::dead,
                           stat->comm});
  }
  return processes;
}

std::vector<Process> Descendants::look() {
  if (!reader_) {
    std::vector<Process> processes;
    for (const Pid pid : children_by_asking())
      processes.push_back({.id = {pid, {}}, .parent = Pid(::getpid()), .comm = {}});
    return processes;
  }
  std::vector<Process> found = below(Pid(::getpid()), all());
  std::erase_if(found, [](const Process& one) { return one.state == TaskState::dead; });
  return found;
}

std::vector<Pid> Descendants::children() {
  if (!reader_) return children_by_asking();
  const Pid self(::getpid());
  const auto text = reader_->whole(live::ProcPath(self, self, "children").c_str());
  if (text) return pids_in(*text);
  std::vector<Pid> found;  // a kernel without CONFIG_PROC_CHILDREN
  for (const Process& process : all())
    if (process.parent == self) found.push_back(process.id.pid);
  return found;
}

int Descendants::send(const Process& to, Signal signal) const {
  if (!machine_) return ::kill(to.id.pid.value(), signal.number()) == 0 ? 0 : errno;
  const auto handle = live::ProcessHandle::open(*machine_, to.id);
  if (!handle) return handle.error().number;
  const Result<void> sent = handle->send(signal);
  return sent ? 0 : sent.error().number;
}

void Descendants::thaw(const std::vector<Process>& these) const {
  if (!machine_) return;
  std::unordered_set<Pid> pids;
  for (const Process& one : these) pids.insert(one.id.pid);
  std::size_t asked = 0;
  for (const Process& one : these) {
    if (one.state != TaskState::disk_sleep) continue;  // as the frozen show themselves
    if (++asked > kMostAsked) return;
    const auto groups = machine_->cgroups_of(one.id.pid);
    if (!groups || groups->freezer.empty()) continue;
    live::Cgroup at = groups->freezer.front();
    for (; at.can_freeze() && live::holds_only(at, pids); at = live::above(at))
      static_cast<void>(at.thaw());
  }
}

}  // namespace knell::supervise
