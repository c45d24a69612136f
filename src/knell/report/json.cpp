#include "knell/report/json.hpp"

#include <chrono>

#include "knell/report/json_values.hpp"
#include "knell/report/text.hpp"
#include "knell/report/verdict_words.hpp"
#include "knell/report/words.hpp"

namespace knell::report {
namespace {

using plan::Fate;
using plan::Forecast;
using plan::ProcessOutcome;
using plan::Unforeseen;
using plan::Verdict;

double milliseconds(std::chrono::microseconds duration) {
  return static_cast<double>(duration.count()) / 1000;
}

Json outcome_json(const ProcessOutcome& process) {
  Json json = id_json(process.id, process.name);
  json["role"] = word(process.role);
  json["tie"] = process.tie.empty() ? Json() : Json(clean(process.tie));
  json["fate"] = word(process.fate);
  const std::optional<WaitStatus>& status = process.status;
  json["signal"] = status && status->by_signal() ? Json(status->signal().name()) : Json();
  json["status"] = status && !status->by_signal() ? Json(status->code()) : Json();
  json["core_dumped"] = status ? Json(status->dumped_core()) : Json();
  json["last_signal"] = process.last_signal ? Json(process.last_signal->name()) : Json();
  json["milliseconds"] = process.fate == Fate::ended ? Json(milliseconds(process.took)) : Json();
  json["zombie"] = process.zombie;
  json["zombie_of"] =
      process.zombie_of ? id_json(*process.zombie_of, process.zombie_of_name) : Json();
  json["why"] = clean(process.why);
  return json;
}

Json unforeseen_json(const Unforeseen& point) {
  Json json = id_json(point.id, point.name);
  json["foretold"] = clean(point.foretold);
  json["came"] = clean(point.came);
  return json;
}

Json survivors_json(const Verdict& verdict) {
  Json json = Json::array();
  for (std::size_t place : verdict.survivors) {
    if (place >= verdict.outcome.processes.size()) continue;
    const ProcessOutcome& process = verdict.outcome.processes[place];
    Json survivor = id_json(process.id, process.name);
    survivor["fate"] = word(process.fate);
    survivor["why"] = clean(process.why);
    json.push_back(std::move(survivor));
  }
  return json;
}

Json clean_all(const std::vector<std::string>& names) {
  Json all = Json::array();
  for (const std::string& name : names) all.push_back(clean(name));
  return all;
}

Json pids_json(const std::vector<Pid>& pids) {
  Json all = Json::array();
  for (const Pid pid : pids) all.push_back(pid.value());
  return all;
}

Json released_json(const plan::Outcome& outcome) {
  Json all = Json::array();
  for (const ProcessId id : outcome.released) all.push_back(id_json(id));
  return all;
}

Json verdict_json(const Forecast& forecast, const Verdict& verdict) {
  const Tally sum = tally(verdict.outcome);
  const Style style;
  const Names names(forecast, style);
  return {{"exit", static_cast<int>(verdict.exit)},
          {"word", word(verdict.exit)},
          {"text", verdict_sentence(forecast, verdict, names).plain()},
          {"processes", sum.total},
          {"ended", sum.ended},
          {"already_ended", sum.already_ended},
          {"survived", sum.survived},
          {"not_permitted", sum.not_permitted},
          {"unknown", sum.unknown},
          {"milliseconds", milliseconds(verdict.outcome.took)},
          {"waited", verdict.outcome.waited},
          {"interrupted", verdict.outcome.interrupted},
          {"may_have_missed", verdict.outcome.may_have_missed},
          {"rounds", verdict.outcome.rounds},
          {"held_still", verdict.outcome.held_still},
          {"killed_groups", clean_all(verdict.outcome.killed_groups)},
          {"killed_process_groups", pids_json(verdict.outcome.killed_process_groups)},
          {"thawed_groups", clean_all(verdict.outcome.thawed_groups)},
          {"released", released_json(verdict.outcome)}};
}

}  // namespace

std::string json(const Forecast& forecast, const Verdict* verdict) {
  Json document{{"schema", kSchema}, {"plan", plan_json(forecast)}};
  for (const char* key : {"outcome", "survivors", "unforeseen", "freed", "verdict"})
    document[key] = nullptr;
  if (verdict != nullptr) {
    document["outcome"] = Json::array();
    for (const ProcessOutcome& process : verdict->outcome.processes)
      document["outcome"].push_back(outcome_json(process));
    document["survivors"] = survivors_json(*verdict);
    document["unforeseen"] = Json::array();
    for (const Unforeseen& point : verdict->unforeseen)
      document["unforeseen"].push_back(unforeseen_json(point));
    const plan::Freed& freed = verdict->outcome.freed;
    document["freed"] = Json{{"source", word(freed.source)}, {"bytes", freed.bytes}};
    document["freed"]["after_milliseconds"] =
        freed.after ? Json(milliseconds(*freed.after)) : Json(nullptr);
    document["verdict"] = verdict_json(forecast, *verdict);
  }
  // ASCII only: what stays of hostile names are JSON's own escapes, harmless on any terminal. All
  // strings are UTF-8 by now; `replace` is there so that a mistake in that could not throw.
  return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace knell::report
