#include "knell/select/selection.hpp"

namespace knell::select {
namespace {

/// Where processes are named by their names alone, whoever has such a name as its comm is one of
/// them, whatever its executable is called. A longer name is cut short there.
std::set<std::string> telling_comms(std::span<const Target> targets, const Filter& filter) {
  std::set<std::string> comms;
  if (!filter.exclude.empty()) return comms;
  for (const Target& target : targets) {
    if (target.kind != Target::Kind::name) return {};
    if (target.text.size() < kCommLength) comms.insert(target.text);
  }
  return comms;
}

void ask(Questions& questions, const Target& target) {
  using Kind = Target::Kind;
  switch (target.kind) {
    case Kind::pid:
    case Kind::group:
    case Kind::session:
      break;
    case Kind::name:
    case Kind::regex:
      questions.of_all = questions.of_all | Known::names;
      break;
    case Kind::user:
      questions.of_all = questions.of_all | Known::status;
      questions.users.insert(target.text);
      break;
    case Kind::terminal:
      questions.terminals.insert(target.text);
      break;
    case Kind::port:
      questions.of_all = questions.of_all | Known::files;
      questions.sockets = true;
      break;
    case Kind::file:
      questions.of_all = questions.of_all | Known::files | Known::maps;
      questions.files.insert(target.text);
      break;
    case Kind::cgroup:
      questions.of_all = questions.of_all | Known::cgroup;
      break;
    case Kind::unit:
      questions.of_all = questions.of_all | Known::cgroup;
      questions.units.insert(target.text);
      break;
    case Kind::pidfile:
      questions.pidfiles.insert(target.text);
      break;
    case Kind::exe:
      questions.of_all = questions.of_all | Known::names;
      questions.files.insert(target.text);
      questions.exe_ids = true;
      break;
  }
}

}  // namespace

Questions questions(std::span<const Target> targets, const Filter& filter) {
  Questions questions;
  for (const Target& target : targets) ask(questions, target);
  for (const Target& target : filter.exclude) ask(questions, target);
  questions.comms = telling_comms(targets, filter);
  if (!filter.users.empty()) {
    questions.of_all = questions.of_all | Known::status;
    questions.users.insert(filter.users.begin(), filter.users.end());
  }
  return questions;
}

std::optional<std::vector<Pid>> only_pids(std::span<const Target> targets, const Filter& filter) {
  Filter only_full;
  only_full.full = filter.full;  // of no meaning to a pid
  if (targets.empty() || filter != only_full) return {};
  std::vector<Pid> pids;
  for (const Target& target : targets) {
    if (target.kind != Target::Kind::pid) return {};
    pids.emplace_back(target.number);
  }
  return pids;
}

}  // namespace knell::select
