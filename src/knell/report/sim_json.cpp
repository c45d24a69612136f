#include <algorithm>

#include "knell/report/json_values.hpp"
#include "knell/report/sim.hpp"
#include "knell/report/sim_events.hpp"
#include "knell/report/sim_traits.hpp"
#include "knell/report/sim_words.hpp"
#include "knell/script/look.hpp"
#include "knell/script/parse.hpp"

namespace knell::report {
namespace {

using script::Run;
using script::Step;

Json remarks_json(const std::vector<std::string>& remarks) {
  Json json = Json::array();
  for (const std::string& remark : remarks) json.push_back(clean(remark));
  return json;
}

/// {"name", "pid"}: the number is the one in the first pid namespace.
Json task_json(const Run& run, TaskIndex task) {
  if (!task) return nullptr;
  return {{"name", name_of(run, task)}, {"pid", run.world[task].pid.value()}};
}

Json event_json(const Run& after, const Event& event, const std::string& text) {
  Json json{{"kind", word(event.kind)}};
  json["task"] = task_json(after, event.task);
  json["other"] = task_json(after, event.other);
  json["signal"] = event.signal == Signal() ? Json() : Json(event.signal.name());
  json["value"] = event.value;
  json["name"] = event.name.empty() ? Json() : Json(std::string(event.name));
  json["text"] = text.empty() ? Json() : Json(text);
  return json;
}

/// "pending for all" as a member's name.
std::string key(std::string what) {
  std::ranges::replace(what, ' ', '_');
  return what;
}

Json changes_json(const Run& before, const Run& after) {
  Json json = Json::array();
  for (const Change& change : changes(before, after))
    json.push_back({{"who", change.who},
                    {"what", key(change.what)},
                    {"from", change.from.empty() ? Json() : Json(change.from)},
                    {"to", change.to}});
  return json;
}

Json step_json(const Sim& sim, std::size_t place) {
  const Step& step = sim.script.steps[place];
  const script::Taken& taken = sim.simulation.steps[place];
  const Run& before = sim.simulation.before(place);
  const EventWords words(before, taken.after, taken.result.events);
  Json json{{"line", step.at.line},
            {"text", script::step_line(sim.text, step.at.line)},
            {"remarks", remarks_json(step.remarks)},
            {"aside", step.aside.empty() ? Json() : Json(clean(step.aside))}};
  json["events"] = Json::array();
  for (std::size_t i = 0; i < taken.result.events.size(); ++i)
    json["events"].push_back(event_json(taken.after, taken.result.events[i], words.text(i)));
  json["changes"] = changes_json(before, taken.after);
  json["unmet"] = Json::array();
  for (const script::Unmet& unmet : taken.result.unmet)
    json["unmet"].push_back({{"line", unmet.at.line},
                             {"column", unmet.at.column},
                             {"expected", unmet.expected},
                             {"found", unmet.found}});
  return json;
}

Json traits_json(const std::vector<Trait>& traits) {
  Json json = Json::object();
  for (const Trait& trait : traits) json[key(trait.what)] = trait.is;
  return json;
}

Json world_json(const Run& run) {
  Json tasks = Json::array();
  for (std::size_t place = 0; place < run.world.tasks.size(); ++place) {
    const TaskIndex task(place);
    if (script::doing(run.world, task) == script::Doing::gone) continue;
    tasks.push_back({{"name", name_of(run, task)},
                     {"pid", run.world[task].pid.value()},
                     {"process", run.world[run.world.leader(task)].pid.value()},
                     {"traits", traits_json(traits(run, task))}});
  }
  Json shared = Json::array();
  for (const Shared& each : shared_objects(run))
    shared.push_back({{"name", each.name}, {"traits", traits_json(each.traits)}});
  return {{"milliseconds", run.world.clock}, {"tasks", tasks}, {"shared", shared}};
}

}  // namespace

std::string sim_json(const Sim& sim) {
  const script::Simulation& simulation = sim.simulation;
  Json document{{"schema", kSimSchema}, {"file", clean(std::string(sim.file))}};
  const auto version = static_cast<std::size_t>(simulation.start.version);
  document["linux"] = std::string(kernel::kVersionNames[version]);
  document["story"] = remarks_json(sim.script.story);
  document["steps"] = Json::array();
  for (std::size_t i = 0; i < simulation.steps.size(); ++i)
    document["steps"].push_back(step_json(sim, i));
  document["world"] = sim.world ? world_json(simulation.last()) : Json();
  document["error"] = simulation.error ? Json(clean(simulation.error->message())) : Json();
  document["verdict"] = {{"steps", simulation.steps.size()},
                         {"expectations", simulation.expectations},
                         {"unmet", simulation.unmet}};
  return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace knell::report
