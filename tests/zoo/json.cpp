#include "zoo/json.hpp"

namespace knell::zoo {

nlohmann::json to_json(const Outcome& outcome) {
  return {{"skipped", outcome.skipped}, {"processes", outcome.processes},
          {"survivors", outcome.left},  {"zombies", outcome.zombies},
          {"hit", outcome.hit},         {"seconds", outcome.seconds},
          {"status", outcome.status},   {"said", outcome.said},
          {"states", outcome.states},   {"after_opening", outcome.left_after_opening}};
}

Outcome outcome_from(const nlohmann::json& document) {
  Outcome outcome;
  document.at("skipped").get_to(outcome.skipped);
  document.at("processes").get_to(outcome.processes);
  document.at("survivors").get_to(outcome.left);
  document.at("zombies").get_to(outcome.zombies);
  document.at("hit").get_to(outcome.hit);
  document.at("seconds").get_to(outcome.seconds);
  document.at("status").get_to(outcome.status);
  document.at("said").get_to(outcome.said);
  document.at("states").get_to(outcome.states);
  document.at("after_opening").get_to(outcome.left_after_opening);
  return outcome;
}

}  // namespace knell::zoo
