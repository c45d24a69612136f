/// What will start a process again once it is gone.

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "knell/plan/predict.hpp"
#include "knell/plan/scope.hpp"

namespace knell::plan {
namespace {

/// Programs whose work is to start their children again.
constexpr std::array<std::string_view, 22> kSupervisors = {
    "supervisord",    "runsv", "runsvdir", "s6-supervise", "s6-svscan", "supervise", "svscan",
    "perpd",          "dinit", "monit",    "circusd",      "god",       "bluepill",  "immortal",
    "daemon",         "pm2",   "nodemon",  "forever",      "foreman",   "honcho",    "watchdog",
    "process-compose"};

/// How container runtimes name the cgroups of their containers.
struct Runtime {
  std::string_view mark;
  std::string_view name;
};
constexpr std::array<Runtime, 8> kRuntimes = {{{"docker-", "docker"},
                                               {"/docker/", "docker"},
                                               {"cri-containerd-", "containerd (Kubernetes)"},
                                               {"crio-", "CRI-O (Kubernetes)"},
                                               {"libpod-", "podman"},
                                               {"/kubepods", "Kubernetes"},
                                               {"lxc.payload", "LXC"},
                                               {"/machine.slice/", "systemd-machined"}}};

bool in_cgroup(std::string_view path, std::string_view cgroup) {
  return path.starts_with(cgroup) && (path.size() == cgroup.size() || path[cgroup.size()] == '/');
}

/// A unit is told of once, by the first planned process that it owns.
void add_units(Forecast& forecast) {
  for (const SystemdUnit& unit : forecast.before.units) {
    const bool touched = std::ranges::any_of(forecast.processes, [&](const auto& process) {
      return in_cgroup(forecast.before.details_of(process.task).cgroup, unit.cgroup);
    });
    if (!touched) continue;
    if (!unit.restart.empty() && unit.restart != "no")
      forecast.restarters.push_back(
          {Restarter::Kind::unit, unit.name, "Restart=" + unit.restart, {}});
    for (const std::string& trigger : unit.triggered_by)
      forecast.restarters.push_back({Restarter::Kind::trigger, trigger, "starts " + unit.name, {}});
  }
}

/// A runtime restarts a container when its first process ends: one whose parent is outside.
void add_container(Forecast& forecast, const ProcessForecast& process,
                   std::set<std::string>& told) {
  const std::string& cgroup = forecast.before.details_of(process.task).cgroup;
  const TaskIndex parent = forecast.before[process.task].real_parent;
  if (parent && forecast.before.details_of(parent).cgroup == cgroup) return;
  for (const Runtime& runtime : kRuntimes) {
    if (cgroup.find(runtime.mark) == std::string::npos || !told.insert(cgroup).second) continue;
    forecast.restarters.push_back({Restarter::Kind::container,
                                   std::string(runtime.name),
                                   fmt::format("owns {}", cgroup),
                                   {}});
    return;
  }
}

void add_supervisor(Forecast& forecast, const ProcessForecast& process,
                    const std::vector<bool>& planned, std::set<std::string>& told) {
  const World& world = forecast.before;
  for (TaskIndex above : ancestors(world, process.task)) {
    const std::string name = whole_name(world, above);
    if (planned[above.place()] || std::ranges::find(kSupervisors, name) == kSupervisors.end())
      continue;
    if (told.insert(fmt::format("{}", world[above].pid.value())).second)
      forecast.restarters.push_back(
          {Restarter::Kind::supervisor, name, "supervises it", world.id(above)});
    return;
  }
}

}  // namespace

void find_restarters(Forecast& forecast) {
  add_units(forecast);
  std::set<std::string> told;
  std::vector<bool> planned(forecast.before.tasks.size());
  for (const ProcessForecast& process : forecast.processes) planned[process.task.place()] = true;
  for (const ProcessForecast& process : forecast.processes) {
    if (process.role != Role::named) continue;
    add_container(forecast, process, told);
    add_supervisor(forecast, process, planned, told);
  }
}

}  // namespace knell::plan
