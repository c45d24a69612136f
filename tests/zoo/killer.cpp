#include "zoo/killer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace knell::zoo {
namespace {

/// TERM, up to two seconds of patience, KILL: what the manuals advise.
constexpr const char* kByHand =
    "kill $1; n=0; while kill -0 $1 2>/dev/null && [ $n -lt 20 ]; do sleep 0.1; n=$((n+1)); done; "
    "kill -9 $1 2>/dev/null; true";

const std::vector<std::pair<Killer, std::string>>& names() {
  static const std::vector<std::pair<Killer, std::string>> kept{
      {Killer::knell, "knell"},
      {Killer::knell_run, "knell-run"},
      {Killer::kill, "kill"},
      {Killer::pkill, "pkill"},
      {Killer::killall, "killall"},
      {Killer::timeout, "timeout"},
      {Killer::cgroup_kill, "cgroup.kill"}};
  return kept;
}

/// An extended regular expression that matches just this.
std::string quoted(const std::string& name) {
  std::string expression;
  for (const char letter : name) {
    if (std::string_view("().[]*+?{}|^$\\").find(letter) != std::string_view::npos)
      expression += '\\';
    expression += letter;
  }
  return expression;
}

std::vector<std::string> knell_kill(const Job& job, const std::string& pid) {
  std::vector<std::string> words{job.knell, "kill", "--yes"};
  std::string steps = job.manner.steps;
  // One that gets little of a processor takes its time; how much of it is no matter here.
  if (job.animal->enclosure == Enclosure::starved) steps = "TERM:10s,KILL:100s";
  if (!steps.empty()) words.insert(words.end(), {"--steps", steps});
  words.push_back(pid);
  return words;
}

/// What stands before the animal's own command.
std::vector<std::string> starter(const Job& job) {
  const Manner& manner = job.manner;
  const std::string enough = job.count > 1000 ? "20" : "5";
  const std::string limit = manner.limit.empty() ? enough : manner.limit;
  if (job.killer == Killer::timeout) return {"timeout", "-k", manner.grace, limit};
  if (job.killer == Killer::knell_run)
    return {job.knell, "run",        "--enclosure", manner.enclosure, "--timeout", limit,
            "--grace", manner.grace, "--"};
  return {};
}

}  // namespace

const std::vector<Killer>& killers() {
  static const std::vector<Killer> kept = [] {
    std::vector<Killer> all;
    std::ranges::transform(names(), std::back_inserter(all),
                           &std::pair<Killer, std::string>::first);
    return all;
  }();
  return kept;
}

std::string name_of(Killer killer) {
  const auto found = std::ranges::find(names(), killer, &std::pair<Killer, std::string>::first);
  return found == names().end() ? "nobody" : found->second;
}

std::optional<Killer> find_killer(const std::string& name) {
  const auto found = std::ranges::find(names(), name, &std::pair<Killer, std::string>::second);
  if (found == names().end()) return std::nullopt;
  return found->first;
}

bool starts_what_it_ends(Killer killer) {
  return killer == Killer::timeout || killer == Killer::knell_run;
}

std::vector<std::string> command_of(const Job& job, pid_t target, const std::string& group) {
  const std::string pid = std::to_string(target);
  const std::string name = comm_of(*job.animal);
  switch (job.killer) {
    case Killer::nobody:
    case Killer::timeout:
    case Killer::knell_run:
      return {};
    case Killer::knell:
      return knell_kill(job, pid);
    case Killer::kill:
      return {"sh", "-c", kByHand, "sh", pid};
    case Killer::pkill:
      return {"pkill", "-9", "--", quoted(name)};
    case Killer::killall:
      return {"killall", "-9", "--", name};
    case Killer::cgroup_kill:
      return {"sh", "-c", "echo 1 >\"$1\"/cgroup.kill", "sh", group};
  }
  std::unreachable();
}

std::vector<std::string> starting_command(const Job& job, const Life::Terms& terms) {
  std::vector<std::string> words = starter(job);
  for (std::string word :
       {job.self, std::string("--bare"), job.animal->name, fmt::format("--ready={}", terms.ready),
        fmt::format("--go={}", terms.go), fmt::format("--count={}", terms.count),
        fmt::format("--until={}", terms.until), fmt::format("--place={}", terms.place),
        fmt::format("--group={}", terms.group)})
    words.push_back(std::move(word));
  return words;
}

}  // namespace knell::zoo
