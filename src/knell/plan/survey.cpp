#include "knell/plan/survey.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "knell/plan/named.hpp"
#include "knell/plan/predict.hpp"
#include "knell/plan/scope.hpp"

namespace knell::plan {
namespace {

/// What --exclude names is not ended as a descendant either.
Result<void> protect_excluded(const World& world, const Request& request, const Answers& answers,
                              Named& named) {
  if (request.only || request.filter.exclude.empty()) return {};
  const select::Selection excluded =
      KNELL_TRY(select::select(world, request.filter.exclude, {}, answers));
  for (const select::Match& match : excluded.matches) named.protected_.insert(match.task);
  return {};
}

Result<Scope> find_scope(const live::Machine& machine, World& world, const Named& named,
                         const Request& request) {
  Scope scope = scope_of(world, named.tasks, named.protected_);
  if (request.only) return scope;
  add_descendants(world, scope);
  add_tied_by_job(world, scope);
  if (named.tasks.size() > kDetailLimit || candidates(world, scope).empty()) return scope;
  constexpr Known kOrigins = Known::cgroup | Known::environ;
  KNELL_TRY(machine.deepen(world, roots_and_parents(world, scope), kOrigins));
  if (offers_origin(world, scope)) {
    KNELL_TRY(machine.deepen(world, candidates(world, scope), kOrigins));
    add_tied_by_origin(world, scope);
  }
  KNELL_TRY(machine.deepen(world, with_images(world, scope), Known::image));
  add_tied_by_image(world, scope);
  add_tied_by_job(world, scope);
  return scope;
}

/// What is read of each process that is reached. Its names may have been read to find it.
Known depth_of(const World& world, const Scope& scope, const Request& request, bool summary) {
  Known depth = Known::status;
  if (request.quick || summary) return depth;
  depth = depth | Known::surroundings;
  const bool named = std::ranges::all_of(scope.members, [&](const Member& member) {
    return has(world[member.task].known, Known::names);
  });
  if (!named) depth = depth | Known::names;
  if (request.details) depth = depth | Known::files | Known::memory | Known::cgroup;
  return depth;
}

/// Knell's own credentials decide what it may do; the named ones' ancestors may start them again.
std::vector<TaskIndex> around(const World& world, const Scope& scope, const Request& request,
                              TaskIndex knell, bool summary) {
  std::set<TaskIndex> others;
  if (knell) others.insert(knell);
  if (request.details && !summary)
    for (const Member& member : scope.members)
      if (member.role == Role::named)
        for (TaskIndex above : ancestors(world, member.task))
          if (!scope.has(above)) others.insert(above);
  return {others.begin(), others.end()};
}

/// Reads what the plan shows of the processes it touches, and what the kernel room needs to know.
Result<void> read_deeply(const live::Machine& machine, World& world, const Scope& scope,
                         const Request& request, TaskIndex knell, bool summary) {
  std::vector<TaskIndex> touched;
  std::vector<TaskIndex> threaded;
  for (const Member& member : scope.members) {
    touched.push_back(member.task);
    if (world.signal_of(member.task).nr_threads > 1) threaded.push_back(member.task);
  }
  const std::vector<TaskIndex> others = around(world, scope, request, knell, summary);
  KNELL_TRY(machine.deepen(world, touched, depth_of(world, scope, request, summary)));
  std::erase_if(threaded, [&](TaskIndex t) { return world[t].state == TaskState::released; });
  if (!threaded.empty()) KNELL_TRY(machine.deepen(world, threaded, Known::threads));
  const std::vector<Unread> unread = world.unread;  // the others are not what the plan is about
  const Known names = request.details ? Known::names : Known::nothing;
  KNELL_TRY(machine.deepen(world, others, Known::status | names));
  world.unread = unread;
  return {};
}

/// Who is traced has a tracer for a parent (Linux: ptrace_link).
void link_tracers(World& world) {
  for (TaskIndex task : world.processes())
    if (const Pid tracer = world.details_of(task).tracer; tracer != Pid(0)) {
      const TaskIndex found = world.find(tracer);
      // One that is not visible still comes between: nobody else is told instead.
      if (!found) continue;
      world[task].parent = found;
      world[task].ptrace.traced = true;
    }
}

std::string command_of(const Details& details) {
  std::string command = details.cmdline;
  while (!command.empty() && command.back() == '\0') command.pop_back();
  std::ranges::replace(command, '\0', ' ');
  return command;
}

ProcessForecast process_of(const World& world, const Member& member) {
  const Task& task = world[member.task];
  const SignalStruct& signal = world.signal_of(member.task);
  ProcessForecast process;
  process.id = world.id(member.task);
  process.pidfd = signal.pidfd;
  process.task = member.task;
  process.name = whole_name(world, member.task);
  process.command = command_of(world.details_of(member.task));
  if (task.cred) process.uid = world[task.cred].euid;
  process.known = task.known;
  process.state = task.state;
  process.nr_threads = signal.nr_threads;
  process.leader_ended = task.state == TaskState::zombie && signal.nr_threads > 1;
  process.role = member.role;
  process.tie = member.tie;
  return process;
}

void put_processes(Forecast& forecast, const Scope& scope) {
  const World& world = forecast.before;
  std::vector<std::optional<std::size_t>> place(world.tasks.size());
  for (const Member& member : in_tree_order(world, scope)) {
    if (world[member.task].state == TaskState::released) continue;  // ended while it was read
    ProcessForecast process = process_of(world, member);
    if (const TaskIndex parent = world[member.task].real_parent)
      process.parent = place[world.leader(parent).place()];
    if (process.parent) process.depth = forecast.processes[*process.parent].depth + 1;
    place[member.task.place()] = forecast.processes.size();
    forecast.beyond_named = forecast.beyond_named || member.role != Role::named;
    forecast.processes.push_back(std::move(process));
  }
}

/// A port stays taken while anybody else has the same socket open.
void find_keepers(const live::Machine& machine, Forecast& forecast) {
  if (forecast.ports.empty()) return;
  std::vector<Inode> sockets;
  sockets.reserve(forecast.ports.size());
  for (const PortFreed& port : forecast.ports) sockets.push_back(port.socket);
  std::set<ProcessId> planned;
  for (const ProcessForecast& process : forecast.processes) planned.insert(process.id);
  for (const auto& [task, socket] : machine.socket_holders(forecast.before, sockets)) {
    const ProcessId holder = forecast.before.id(task);
    if (planned.contains(holder)) continue;
    for (PortFreed& port : forecast.ports)
      if (port.socket == socket) port.kept_by.push_back(holder);
  }
}

}  // namespace

Result<Survey> survey(const live::Machine& machine, const Request& request) {
  const auto numbers = request.only && request.quick
                           ? select::only_pids(request.targets, request.filter)
                           : std::nullopt;
  const Questions questions = select::questions(request.targets, request.filter);
  World world =
      KNELL_TRY(numbers ? machine.read_some(*numbers, Known::stat) : machine.read(questions));
  const Answers answers = numbers ? Answers{} : machine.answer(questions);

  Survey result;
  result.selection = KNELL_TRY(select::select(world, request.targets, request.filter, answers));
  const TaskIndex knell = world.find(Pid(::getpid()));
  Named named = set_apart(world, request, result.selection, knell);
  KNELL_TRY(protect_excluded(world, request, answers, named));
  const Scope scope = KNELL_TRY(find_scope(machine, world, named, request));
  const bool summary = scope.members.size() > kDetailLimit && !request.all_details;
  KNELL_TRY(read_deeply(machine, world, scope, request, knell, summary));
  link_tracers(world);
  deduce_subreapers(world);

  Forecast& forecast = result.forecast;
  forecast.steps = request.steps;
  forecast.spared = named.spared;
  forecast.only_named = request.only;
  forecast.leaves_first = request.leaves_first;
  forecast.summary_only = summary;
  forecast.before = std::move(world);
  put_processes(forecast, scope);
  predict(forecast, knell);
  if (request.details) {
    give_back(forecast);
    find_keepers(machine, forecast);
    find_restarters(forecast);
  }
  forecast.unread = forecast.before.unread;
  return result;
}

}  // namespace knell::plan
