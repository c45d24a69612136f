#include <algorithm>

#include <fmt/format.h>

#include "knell/report/foreign.hpp"
#include "knell/report/numbers.hpp"
#include "knell/report/page.hpp"
#include "knell/report/sim.hpp"
#include "knell/report/sim_events.hpp"
#include "knell/report/sim_world.hpp"
#include "knell/script/parse.hpp"

namespace knell::report {
namespace {

using script::Step;
using script::Taken;
using script::Unmet;

constexpr std::size_t kMargin = 6;          // "  12  "
constexpr std::size_t kDeepestIndent = 24;  // a call tree that is deeper goes straight down

void paragraph(Page& page, const std::vector<std::string>& lines, Ink ink) {
  Text text;
  const auto put = [&] {
    if (!text.empty()) page.row(Text(), Text(), text);
    text = Text();
  };
  for (const std::string& line : lines) {
    if (line.empty()) {
      put();
      page.blank_line();
    } else {
      text.add((text.empty() ? "" : " ") + prose(line, page.style()), ink);
    }
  }
  put();
}

class StepPage {
public:
  StepPage(Page& page, const Sim& sim, std::size_t step)
      : page_(page),
        sim_(sim),
        step_(sim.script.steps[step]),
        taken_(sim.simulation.steps[step]),
        before_(sim.simulation.before(step)),
        words_(before_, taken_.after, taken_.result.events) {}

  void tell() {
    if (!step_.remarks.empty()) {
      page_.blank_line();
      paragraph(page_, step_.remarks, Ink::dim);
    }
    const bool looks = !acts(step_) && taken_.result.unmet.empty();
    Text line(script::step_line(sim_.text, step_.at.line), looks ? Ink::green : Ink::bold);
    if (!step_.aside.empty()) line.add(" # " + prose(step_.aside, page_.style()), Ink::dim);
    page_.row(number(), margin(4), line);
    events();
    changed();
    for (const Unmet& unmet : taken_.result.unmet) failed(unmet);
  }

private:
  static Text margin(std::size_t more = 0) { return Text(std::string(kMargin + more, ' ')); }
  Text number() const { return Text(fmt::format("{:>4}  ", step_.at.line), Ink::dim); }

  void events() {
    const EventLog& log = taken_.result.events;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (log[i].kind == Event::Kind::function) {
        depth = static_cast<std::size_t>(log[i].value) + 1;
        function(log[i]);
        continue;
      }
      if (in_user_mode(log[i])) depth = 0;
      const std::string text = words_.text(i);
      if (text.empty() || goes_without_saying(log[i])) continue;
      const std::size_t indent = std::min(2 * depth, kDeepestIndent) + 2;
      page_.row(margin(indent), margin(indent + 2), Text(text));
    }
  }

  static bool in_user_mode(const Event& event) {
    using enum Event::Kind;
    return event.kind == sys_exit || event.kind == sleep || event.kind == restart ||
           event.kind == handler_enter || event.kind == sigreturn;
  }

  /// What the line itself foretells, and that its call succeeded; that a new task begins.
  bool goes_without_saying(const Event& event) const {
    const bool returns = event.kind == Event::Kind::sys_exit;
    if (returns && event.value == 0 && event.name == name_of(Sys::clone)) return true;
    const auto* call = std::get_if<script::CallStep>(&step_.what);
    if (call == nullptr || event.task != task_of(taken_.after, call->actor)) return false;
    if (!returns && event.kind != Event::Kind::sleep) return false;
    if (call->result && taken_.result.unmet.empty()) return true;
    return returns && (event.value == 0 || (call->nr == Sys::clone && event.value > 0));
  }

  void function(const Event& event) {
    const std::size_t indent = std::min(2 * static_cast<std::size_t>(event.value), kDeepestIndent);
    Text text(std::string(event.name), Ink::yellow);
    if (event.task && event.task != last_) text.add(" (" + words_.name(event.task) + ")", Ink::dim);
    last_ = event.task;
    page_.row(margin(indent + 2), margin(indent + 4), text);
  }

  /// A line for each who changed. Who has ended was told above.
  void changed() {
    const std::string arrow = page_.style().unicode ? "→ " : "-> ";
    std::vector<Change> all = changes(before_, taken_.after);
    std::erase_if(all, [](const Change& change) {
      return std::string_view(change.what) == "state" &&
             (change.to.starts_with("gone") || change.to.starts_with("zombie"));
    });
    for (std::size_t i = 0; i < all.size();) {
      Text text(all[i].who + ": ", Ink::dim);
      const std::size_t first = i;
      for (; i < all.size() && all[i].who == all[first].who; ++i)
        text.add((i == first ? "" : "; ") + change_text(all[i]), Ink::dim);
      page_.row(margin(2).add(arrow, Ink::dim), margin(4), text);
    }
  }

  static std::string change_text(const Change& change) {
    const std::string now =
        std::string_view(change.what) == "state" ? change.to : change.what + " " + change.to;
    return change.from.empty() ? now : fmt::format("{} (was: {})", now, change.from);
  }

  void failed(const Unmet& unmet) {
    page_.row(margin(2), margin(4), Text("expected: " + unmet.expected, Ink::red));
    page_.row(margin(2), margin(4), Text("found: " + unmet.found, Ink::red));
  }

  Page& page_;
  const Sim& sim_;
  const Step& step_;
  const Taken& taken_;
  const script::Run& before_;
  EventWords words_;
  TaskIndex last_;
};

Text verdict(const Sim& sim) {
  const script::Simulation& simulation = sim.simulation;
  const std::string steps = count_text(simulation.steps.size(), "step", "steps");
  const std::string expectations =
      count_text(simulation.expectations, "expectation", "expectations");
  if (simulation.unmet != 0)
    return Text(fmt::format("Not as expected: {} of {}, in {}.", count_text(simulation.unmet),
                            expectations, steps),
                Ink::red);
  if (simulation.expectations == 0) return Text(steps + ", and nothing was expected of them.");
  return Text(fmt::format("As expected: {}, in {}.", expectations, steps), Ink::green);
}

}  // namespace

std::string sim_text(const Sim& sim, const Style& style) {
  Page page(style);
  const script::Script& script = sim.script;
  if (!script.story.empty()) {
    page.row(Text(), Text(), Text(prose(script.story.front(), style), Ink::bold));
    std::vector<std::string> rest(script.story.begin() + 1, script.story.end());
    paragraph(page, rest, Ink::plain);
    page.blank_line();
  }
  for (std::size_t i = 0; i < sim.simulation.steps.size(); ++i) StepPage(page, sim, i).tell();
  if (sim.world) world(page, sim.simulation.last());
  page.blank_line();
  if (sim.simulation.error)
    page.row(
        Text(), Text("  "),
        Text("It goes no further: " + prose(sim.simulation.error->message(), style), Ink::red));
  page.row(Text(), Text("  "), verdict(sim));
  return page.take();
}

}  // namespace knell::report
