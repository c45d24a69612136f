#include <algorithm>
#include <map>

#include "knell/report/fold.hpp"
#include "knell/report/list.hpp"
#include "knell/report/numbers.hpp"
#include "knell/report/plan_sections.hpp"
#include "knell/report/plan_words.hpp"
#include "knell/report/text.hpp"
#include "knell/report/tree.hpp"

namespace knell::report {
namespace {

using plan::Effect;
using plan::Forecast;
using plan::ProcessForecast;

bool is_zombie(const ProcessForecast& process) {
  return !process.steps.empty() && process.steps.front().effect == Effect::already_ended;
}

/// Whether the plan is what ends it.
bool is_ended(const ProcessForecast& process) {
  return process.ends && !is_zombie(process);
}

/// So many named processes are told one by one in the first line.
constexpr std::size_t kToldOneByOne = 3;

std::vector<const ProcessForecast*> named_ones(const Forecast& forecast) {
  std::vector<const ProcessForecast*> named;
  for (const ProcessForecast& process : forecast.processes)
    if (process.role == plan::Role::named) named.push_back(&process);
  return named;
}

/// "4242 web-parent", "4242 web, 4300 web", "500 processes named nginx", "12 processes".
Text named_text(const std::vector<const ProcessForecast*>& named, const Names& names,
                const Style& style) {
  Text text;
  if (named.size() <= kToldOneByOne) {
    for (const ProcessForecast* process : named)
      text.add(text.empty() ? "" : ", ").add(names.of(process->id, process->name, Ink::bold));
    return text;
  }
  text.add(count_text(named.size()) + " processes", Ink::bold);
  const std::string& name = named.front()->name;
  const bool alike = std::ranges::all_of(named, [&](auto* one) { return one->name == name; });
  if (!alike) return text;
  return text.add(" named ").add(
      {cut(foreign_name(name, style), kNameRoom, style), Ink::plain, Span::Kind::name});
}

/// "Ends 4242 web-parent and 4 descendants: TERM, KILL after 10 s". It says "ends" only where that
/// is sure of at least one.
void headline(Page& page, const Forecast& forecast, const Names& names) {
  const std::vector<const ProcessForecast*> named = named_ones(forecast);
  const std::size_t others = forecast.processes.size() - named.size();
  Text whom;
  if (forecast.only_named) whom.add("only ");
  whom.add(named_text(named, names, page.style()));
  if (others > 0) {
    if (!named.empty()) whom.add(" and ");
    whom.add(count_text(others, "descendant", "descendants"), Ink::bold);
  }
  std::string steps = steps_text(forecast.steps);
  if (forecast.leaves_first) steps += ", children first";
  if (std::ranges::all_of(forecast.processes, is_zombie)) {
    page.line(Text("Nothing to end but zombies: ").add(whom));
  } else if (std::ranges::any_of(forecast.processes, is_ended)) {
    page.line(Text("Ends ").add(whom).add(": " + steps));
  } else {
    page.line(Text("Sends " + steps + " to ").add(whom));
  }
  if (named.size() != 1 || named.front()->command.empty()) return;
  if (named.front()->command == named.front()->name || page.style().verbose) return;
  const std::string command = foreign(named.front()->command, page.style());
  page.row(Text("  runs: ", Ink::dim), Text("        "),
           Text().add({command, Ink::dim, Span::Kind::name}));
}

struct Doubt {
  Text effect;
  std::vector<ProcessId> processes;
};

/// "4243, 4244 and 12 more"
std::string pids_text(const std::vector<ProcessId>& processes, const Style& style) {
  const std::size_t shown = shown_of(processes.size(), style);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(processes[i].pid.value());
  if (shown < processes.size()) text += " and " + count_text(processes.size() - shown) + " more";
  return text;
}

/// Who may outlive a plan that ends others: what a person must know before saying yes. Where the
/// tree is folded it may not show them, so their reasons are told here.
void doubts(Page& page, const Forecast& forecast, const std::vector<Text>& effects) {
  std::map<std::string, Doubt> doubts;
  std::vector<ProcessId> unsure;
  for (std::size_t i = 0; i < forecast.processes.size(); ++i) {
    const ProcessForecast& process = forecast.processes[i];
    if (process.ends || is_zombie(process)) continue;
    unsure.push_back(process.id);
    Doubt& doubt = doubts[effects[i].plain()];
    doubt.effect = effects[i];
    doubt.processes.push_back(process.id);
  }
  const bool none_ends = std::ranges::none_of(forecast.processes, is_ended);
  if (unsure.empty() || none_ends) return;
  const std::size_t count = forecast.processes.size();
  Text text("Not sure to end: ", Ink::red);
  text.add(count_text(unsure.size()) + " of " + count_text(count));
  const bool folded = count > kMostLines && !page.style().verbose;
  if (!folded) text.add(" (" + pids_text(unsure, page.style()) + ")");
  page.line(text);
  if (!folded) return;
  std::size_t left = shown_of(doubts.size(), page.style());
  for (const auto& [words, doubt] : doubts) {
    if (left-- == 0) break;
    page.row(Text("  "), Text("    "),
             Text(pids_text(doubt.processes, page.style()) + ": ").add(doubt.effect));
  }
}

void empty_plan(Page& page, const Forecast& forecast) {
  if (forecast.spared.empty()) return page.line(Text("Nothing to end."));
  const std::string matched =
      forecast.spared.size() == 1 ? "the one process" : "each of the processes";
  page.line(Text("Nothing to end: " + matched + " that matched is spared."));
}

}  // namespace

std::string plan_text(const Forecast& forecast, const Style& style) {
  Page page(style);
  const Names names(forecast, style);
  if (forecast.processes.empty()) {
    empty_plan(page, forecast);
  } else {
    std::vector<Text> effects;
    effects.reserve(forecast.processes.size());
    for (const ProcessForecast& process : forecast.processes)
      effects.push_back(effect_text(forecast, process, style));
    headline(page, forecast, names);
    doubts(page, forecast, effects);
    tree(page, forecast, effects, names);
  }
  Page sections(style);
  plan_sections(sections, forecast, names);
  std::string under = sections.take();
  return under.empty() ? page.take() : page.take() + "\n" + under;
}

}  // namespace knell::report
