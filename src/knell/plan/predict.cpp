#include "knell/plan/predict.hpp"

#include <algorithm>
#include <initializer_list>
#include <ranges>

#include <fmt/format.h>

#include "knell/kernel/kernel.hpp"

namespace knell::plan {
namespace {

using Kind = Event::Kind;

/// What the events of one step say about one process.
struct Seen {
  bool denied = false;
  bool ignored = false;
  bool handler = false;
  bool tracer = false;
  bool stop = false;
  bool resume = false;
};

std::vector<Seen> look(const World& world, std::span<const Event> events) {
  std::vector<Seen> seen(world.tasks.size());
  for (const Event& event : events) {
    Seen& of = seen[world.leader(event.task).place()];
    switch (event.kind) {
      case Kind::signal_denied:
        of.denied = true;
        break;
      case Kind::signal_ignored:
        of.ignored = true;
        break;
      case Kind::signal_handler:
        of.handler = true;
        break;
      case Kind::ptrace_stop:
        of.tracer = true;
        break;
      case Kind::job_stop:
        of.stop = true;
        break;
      case Kind::job_continue:
        of.resume = true;
        break;
      case Kind::signal_generate:
        if (event.value == static_cast<std::int64_t>(GenerateResult::ignored)) of.ignored = true;
        break;
      default:
        break;
    }
  }
  return seen;
}

bool has_ended(const World& world, TaskIndex leader) {
  return world[leader].state == TaskState::released || world.is_zombie(leader);
}

std::string halted_text(const World& world, TaskIndex task) {
  const Details& details = world.details_of(task);
  if (details.frozen) return "frozen by its cgroup";
  switch (world[task].state) {
    case TaskState::stopped:
      return "stopped: it takes the signal only when continued";
    case TaskState::disk_sleep:
      return details.wchan.empty() ? "in uninterruptible sleep"
                                   : fmt::format("in uninterruptible sleep ({})", details.wchan);
    default:
      return "";
  }
}

StepForecast ignored_step(const World& world, TaskIndex task, Step step) {
  if (world[task].kernel_thread) return {step, Effect::immune, "a kernel thread"};
  const SighandStruct& table = world[world[task].sighand];
  if (table.ignored.has(step.signal)) return {step, Effect::ignored, {}};
  if (world.signal_of(task).unkillable)
    return {step, Effect::immune,
            "init of a pid namespace: it takes only what it has a handler for"};
  return {step, Effect::no_effect, {}};
}

bool all_block(const World& world, TaskIndex leader, Signal signal) {
  for (TaskIndex thread = leader; thread; thread = world[thread].next_thread)
    if (!world[thread].exiting && !world[thread].blocked.has(signal)) return false;
  return true;
}

StepForecast effect_of(const World& after, TaskIndex task, Step step, const Seen& seen) {
  if (has_ended(after, task)) return {step, Effect::dies, {}};
  if (seen.denied) return {step, Effect::not_permitted, {}};
  if (after.signal_of(task).group_exit) return {step, Effect::waits, halted_text(after, task)};
  if (seen.handler) return {step, Effect::handler, {}};
  if (seen.tracer) return {step, Effect::tracer, {}};
  if (seen.stop) return {step, Effect::stops, {}};
  if (seen.resume) return {step, Effect::continues, {}};
  if (seen.ignored) return ignored_step(after, task, step);
  if (step.signal.number() == 0) return {step, Effect::no_effect, {}};
  if (all_block(after, task, step.signal)) return {step, Effect::blocked, {}};
  return {step, Effect::waits, halted_text(after, task)};
}

/// An init waits for whatever it inherits; who does not will show in the verdict.
void let_init_wait(kernel::Kernel& kernel) {
  World& world = kernel.world;
  std::vector<TaskIndex> reapers;
  reapers.reserve(world.pid_namespaces.size());
  for (const PidNamespace& ns : world.pid_namespaces) reapers.push_back(ns.child_reaper);
  if (reapers.empty()) reapers.push_back(world.find(Pid(1)));
  for (TaskIndex reaper : reapers) {
    if (!reaper || world[reaper].state == TaskState::released) continue;
    std::vector<TaskIndex> children;
    for (TaskIndex child : world.children(reaper)) children.push_back(child);
    for (TaskIndex child : children) kernel::wait_task_zombie(kernel, reaper, child);
  }
}

void run_step(Forecast& forecast, kernel::Kernel& kernel, Step step, TaskIndex sender) {
  const std::size_t from = kernel.log.size();
  const auto send = [&](const ProcessForecast& process) {
    if (!process.ends) kernel::pidfd_send_signal(kernel, sender, process.task, step.signal);
  };
  if (forecast.leaves_first)
    std::ranges::for_each(std::views::reverse(forecast.processes), send);
  else
    std::ranges::for_each(forecast.processes, send);
  kernel::run_to_rest(kernel);
  let_init_wait(kernel);
  const auto seen = look(kernel.world, std::span(kernel.log).subspan(from));
  for (ProcessForecast& process : forecast.processes) {
    if (process.ends) continue;
    process.steps.push_back(
        effect_of(kernel.world, process.task, step, seen[process.task.place()]));
    process.ends = process.steps.back().effect == Effect::dies;
  }
}

/// The kernel sent somebody HUP or KILL by itself: a session, a job or a namespace came to its end.
bool kernel_sent_more(const EventLog& events) {
  return std::ranges::any_of(events, [](const Event& event) {
    return event.kind == Kind::signal_generate && !event.other &&
           (event.signal == signals::kHup || event.signal == signals::kKill);
  });
}

std::optional<Signal> ended_by(const World& world, TaskIndex task) {
  if (!has_ended(world, task) || !world.signal_of(task).group_exit) return {};
  const WaitStatus status(world.signal_of(task).group_exit_code);
  return status.by_signal() ? std::optional(status.signal()) : std::nullopt;
}

/// Signals are sent one after the other, and who gets his first may have ended before the last gets
/// his: then what the kernel sends at that end comes before.
void find_other_ends(Forecast& forecast, TaskIndex sender) {
  if (!kernel_sent_more(forecast.events)) return;
  World world = forecast.before;
  kernel::Kernel kernel(world);
  for (const Step& step : forecast.steps)
    for (const ProcessForecast& process : forecast.processes) {
      if (has_ended(world, process.task)) continue;
      kernel::pidfd_send_signal(kernel, sender, process.task, step.signal);
      kernel::run_to_rest(kernel);
      let_init_wait(kernel);
    }
  for (ProcessForecast& process : forecast.processes) {
    if (process.steps.empty() || !process.ends) continue;
    StepForecast& last = process.steps.back();
    for (const World* after : std::initializer_list<const World*>{&forecast.after, &world})
      if (const auto by = ended_by(*after, process.task); by && *by != last.step.signal)
        process.or_of = by;
    if (process.or_of && last.effect == Effect::dies && last.why.empty())
      last.why = fmt::format("or of {}, if others end first", process.or_of->name());
  }
}

std::vector<bool> planned_places(const Forecast& forecast) {
  std::vector<bool> planned(forecast.before.tasks.size());
  for (const ProcessForecast& process : forecast.processes) planned[process.task.place()] = true;
  return planned;
}

void find_orphans(Forecast& forecast, const std::vector<bool>& planned) {
  const World& before = forecast.before;
  const World& after = forecast.after;
  for (TaskIndex task : before.processes()) {
    const TaskIndex old_parent = before[task].real_parent;
    if (planned[task.place()] || !old_parent || !planned[before.leader(old_parent).place()])
      continue;
    if (before.is_zombie(task) || has_ended(after, task)) continue;
    const TaskIndex new_parent = after[task].real_parent;
    if (new_parent == old_parent) continue;
    Orphan orphan{before.id(task), whole_name(before, task), before.id(old_parent), {}, {}};
    if (new_parent) {
      orphan.new_parent = after.id(new_parent);
      orphan.new_parent_name = whole_name(after, new_parent);
    }
    forecast.orphans.push_back(std::move(orphan));
  }
}

/// Why the kernel sends a process HUP or KILL by itself.
std::string why_reached(const Forecast& forecast, const Event& event, TaskIndex task) {
  if (event.signal == signals::kKill) return "gets KILL: its pid namespace loses its init";
  const bool and_cont = std::ranges::any_of(forecast.events, [&](const Event& other) {
    return other.kind == Kind::signal_generate && !other.other && other.signal == signals::kCont &&
           forecast.after.leader(other.task) == task;
  });
  return and_cont ? "gets HUP and CONT: its process group is stopped and loses its shell"
                  : "gets HUP: it is in the foreground of a terminal whose session ends";
}

/// Signals that the kernel itself sends to others while the planned processes end.
void find_consequences(Forecast& forecast, const std::vector<bool>& planned) {
  const std::vector<Seen> seen = look(forecast.after, forecast.events);
  std::vector<bool> told(planned.size());
  for (const Event& event : forecast.events) {
    if (event.kind != Kind::signal_generate || event.other) continue;
    if (event.signal != signals::kHup && event.signal != signals::kKill) continue;
    const TaskIndex task = forecast.after.leader(event.task);
    if (planned[task.place()] || told[task.place()]) continue;
    told[task.place()] = true;
    const StepForecast effect =
        effect_of(forecast.after, task, Step{event.signal, {}}, seen[task.place()]);
    forecast.consequences.push_back({forecast.before.id(task), whole_name(forecast.before, task),
                                     effect.effect, why_reached(forecast, event, task)});
  }
}

}  // namespace

void predict(Forecast& forecast, TaskIndex sender) {
  forecast.after = forecast.before;
  kernel::Kernel kernel(forecast.after);
  for (ProcessForecast& process : forecast.processes)
    if (has_ended(forecast.before, process.task) && !forecast.steps.empty()) {
      process.steps.push_back({forecast.steps.front(), Effect::already_ended, {}});
      process.ends = true;
    }
  for (const Step& step : forecast.steps) {
    if (std::ranges::all_of(forecast.processes, &ProcessForecast::ends)) break;
    run_step(forecast, kernel, step, sender);
  }
  forecast.events = std::move(kernel.log);
  find_other_ends(forecast, sender);
  const std::vector<bool> planned = planned_places(forecast);
  find_orphans(forecast, planned);
  find_consequences(forecast, planned);
}

void deduce_subreapers(World& world) {
  for (TaskIndex task : world.processes()) {
    const TaskIndex parent = world[task].real_parent;
    if (!parent || world[parent].pid == Pid(1) || world[parent].kernel_thread) continue;
    const TaskIndex above = world[parent].real_parent;
    const Sid session = world.signal_of(task).session;
    // Sessions are born into or made. This one was neither made by the task nor is it, or was it
    // likely ever, its parent's: so it was born to somebody else and adopted.
    if (session == Sid(0) || session == Sid(world[task].pid.value())) continue;
    if (session == world.signal_of(parent).session) continue;
    if (above && session == world.signal_of(above).session) continue;
    world.signal_of(parent).child_subreaper = true;
  }
}

std::string whole_name(const World& world, TaskIndex task) {
  const std::string& comm = world[world.leader(task)].comm;
  if (comm.size() != kCommLength) return comm;
  const Details& details = world.details_of(task);
  const auto base = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  const std::string_view arguments = details.cmdline;
  const std::string_view first = arguments.substr(0, arguments.find('\0'));
  for (std::string_view name : {base(details.exe), base(first)})
    if (name.starts_with(comm)) return std::string(name);
  return comm;
}

}  // namespace knell::plan
