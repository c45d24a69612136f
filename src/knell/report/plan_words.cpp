#include "knell/report/plan_words.hpp"

#include <chrono>
#include <optional>

#include "knell/report/numbers.hpp"

namespace knell::report {
namespace {

using plan::Effect;
using plan::Forecast;
using plan::ProcessForecast;
using plan::StepForecast;
using std::chrono::milliseconds;

/// Steps in a row that do the same to a process: "ignores TERM and INT".
struct Stretch {
  Effect effect = Effect::dies;
  std::string why;
  std::vector<Signal> signals;
  milliseconds after{0};  ///< its first signal
  bool first = true;      ///< of all
};

std::vector<Stretch> stretches(const ProcessForecast& process) {
  std::vector<Stretch> result;
  milliseconds after{0};
  for (const StepForecast& step : process.steps) {
    const bool same =
        !result.empty() && result.back().effect == step.effect && result.back().why == step.why;
    if (!same) result.push_back({step.effect, step.why, {}, after, result.empty()});
    result.back().signals.push_back(step.step.signal);
    after += step.step.wait;
  }
  return result;
}

std::string signals_text(const std::vector<Signal>& signals) {
  std::string text;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    if (i > 0) text += i + 1 == signals.size() ? " and " : ", ";
    text += signals[i].name();
  }
  return text;
}

std::string after_text(const Stretch& stretch) {
  if (stretch.first) return {};
  return stretch.after.count() == 0 ? " at once" : " after " + duration_text(stretch.after);
}

Text with_reason(Text text, std::string_view why, const Style& style) {
  if (!why.empty()) text.add(" (" + prose(why, style) + ")");
  return text;
}

/// Why it cannot run now, where the plan leaves that to its state.
std::string_view state_reason(TaskState state) {
  switch (state) {
    case TaskState::disk_sleep:
      return "in disk sleep";
    case TaskState::stopped:
      return "stopped";
    default:
      return "";
  }
}

Text zombie_text(const Forecast& forecast, const ProcessForecast& process, std::string_view why,
                 const Style& style) {
  Text text("zombie already", Ink::dim);
  if (!why.empty()) return text.add(": " + prose(why, style), Ink::dim);
  if (process.parent && *process.parent < forecast.processes.size()) {
    const ProcessForecast& parent = forecast.processes[*process.parent];
    const std::string pid = std::to_string(parent.id.pid.value());
    if (parent.ends) return text.add("; goes once " + pid + " does", Ink::dim);
    return text.add("; stays until " + pid + " waits for it", Ink::dim);
  }
  const World& world = forecast.before;
  const TaskIndex task = world.find(process.id);
  if (!task || !world[task].real_parent) return text;
  const Task& parent = world[world[task].real_parent];
  return text.add("; stays until " + std::to_string(parent.pid.value()) + " ", Ink::dim)
      .add({cut(foreign_name(parent.comm, style), kNameRoom, style), Ink::dim, Span::Kind::name})
      .add(" waits for it", Ink::dim);
}

Text dies_text(const Stretch& stretch, bool or_else) {
  const std::string signal = signals_text(stretch.signals);
  if (stretch.first) return Text("dies");
  return Text((or_else ? signal : "dies of " + signal) + after_text(stretch));
}

Text waits_text(const Stretch& stretch, const ProcessForecast& process, const Style& style) {
  const std::string_view why =
      stretch.why.empty() ? state_reason(process.state) : std::string_view(stretch.why);
  return with_reason(Text("cannot take " + signals_text(stretch.signals) + " yet", Ink::yellow),
                     why, style);
}

/// The program's own handler, or its tracer.
Text decides_text(const Stretch& stretch, std::string_view who, std::string_view several_who) {
  const bool several = stretch.signals.size() > 1;
  std::string words(several ? several_who : who);
  if (several || !stretch.first) words.append(" on ").append(signals_text(stretch.signals));
  return Text(words.append(after_text(stretch)), Ink::yellow);
}

Text no_effect_text(const Stretch& stretch) {
  if (stretch.signals == std::vector{Signal(0)}) return Text("is only asked for (signal 0)");
  const char* verb = stretch.signals.size() > 1 ? " do" : " does";
  return Text(signals_text(stretch.signals) + verb + " nothing to it" + after_text(stretch));
}

Text stretch_text(const Forecast& forecast, const ProcessForecast& process, const Stretch& stretch,
                  bool or_else, const Style& style) {
  const std::string signals = signals_text(stretch.signals);
  const std::string after = after_text(stretch);
  switch (stretch.effect) {
    case Effect::dies:
      return with_reason(dies_text(stretch, or_else), stretch.why, style);
    case Effect::waits:
      return waits_text(stretch, process, style);
    case Effect::already_ended:
      return zombie_text(forecast, process, stretch.why, style);
    case Effect::handler:
      return with_reason(decides_text(stretch, "its handler decides", "its handlers decide"),
                         stretch.why, style);
    case Effect::tracer:
      return with_reason(decides_text(stretch, "its tracer decides", "its tracer decides"),
                         stretch.why, style);
    case Effect::no_effect:
      return with_reason(no_effect_text(stretch), stretch.why, style);
    case Effect::blocked:
      return with_reason(Text("blocks " + signals + after, Ink::yellow), stretch.why, style);
    case Effect::ignored:
      return with_reason(Text("ignores " + signals + after, Ink::yellow), stretch.why, style);
    case Effect::stops:
      return with_reason(Text("is stopped by " + signals + after), stretch.why, style);
    case Effect::continues:
      return with_reason(Text("is continued by " + signals + after), stretch.why, style);
    case Effect::not_permitted:
      return with_reason(Text("not permitted", Ink::red), stretch.why, style);
    case Effect::immune:
      return with_reason(Text("immune to " + signals + after, Ink::red), stretch.why, style);
  }
  return {};
}

/// What a process does that nothing in the plan ends, said where the last words leave it open.
Text remains_text(const ProcessForecast& process, Effect last) {
  if (process.ends) return {};
  if (last == Effect::ignored || last == Effect::immune) return Text("; lives on", Ink::red);
  if (last == Effect::blocked) return Text("; lives on while it does", Ink::red);
  return {};
}

}  // namespace

Names::Names(const Forecast& forecast, const Style& style) : forecast_(forecast), style_(style) {
  places_.reserve(forecast.processes.size());
  for (std::size_t i = 0; i < forecast.processes.size(); ++i)
    places_.emplace(forecast.processes[i].id, i);
}

Text Names::of(ProcessId id, Ink ink) const {
  if (const std::optional<std::size_t> at = place(id))
    return of(id, forecast_.processes[*at].name, ink);
  const TaskIndex task = forecast_.before.find(id);
  return of(id, task ? forecast_.before[task].comm : std::string(), ink);
}

Text Names::of(ProcessId id, const std::string& name, Ink ink) const {
  Text text(std::to_string(id.pid.value()), ink);
  if (name.empty()) return text;
  return text.add(" ").add(
      {cut(foreign_name(name, style_), kNameRoom, style_), Ink::plain, Span::Kind::name});
}

std::optional<std::size_t> Names::place(ProcessId id) const {
  const auto found = places_.find(id);
  if (found == places_.end()) return {};
  return found->second;
}

std::string steps_text(const std::vector<plan::Step>& steps) {
  std::string text;
  milliseconds after{0};
  for (const plan::Step& step : steps) {
    if (!text.empty()) text += ", ";
    text += step.signal.number() == 0 ? "signal 0" : step.signal.name();
    if (after.count() != 0) text += " after " + duration_text(after);
    after += step.wait;
  }
  return text;
}

Text effect_text(const Forecast& forecast, const ProcessForecast& process, const Style& style) {
  const std::vector<Stretch> all = stretches(process);
  if (all.empty()) return Text("gets no signal");
  Text text;
  std::optional<Effect> before;
  for (const Stretch& stretch : all) {
    const bool or_else = before == Effect::handler || before == Effect::tracer;
    if (before) text.add(or_else ? ", else " : "; ");
    text.add(stretch_text(forecast, process, stretch, or_else, style));
    before = stretch.effect;
  }
  return text.add(remains_text(process, *before));
}

Text note_text(const ProcessForecast& process, const Style& style) {
  Text text;
  if (process.leader_ended) {
    const std::uint32_t live = process.nr_threads > 0 ? process.nr_threads - 1 : 0;
    text.add("its leader ended, " + count_text(live, "thread lives", "threads live"));
  }
  if (process.role == plan::Role::tied) {
    if (!text.empty()) text.add("; ");
    text.add(process.tie.empty() ? "tied" : "tied: " + prose(process.tie, style));
  }
  if (text.empty()) return text;
  return Text("(", Ink::dim).add(text.plain() + ")", Ink::dim);
}

}  // namespace knell::report
