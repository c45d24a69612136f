#pragma once

/// Plans and verdicts made by hand, for the tests of this room.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "knell/plan/forecast.hpp"
#include "knell/plan/verdict.hpp"

namespace knell::samples {

using namespace std::chrono_literals;
using plan::Effect;
using plan::Fate;
using plan::Role;

inline ProcessId id(int pid) {
  return {Pid(pid), StartTime(static_cast<std::uint64_t>(pid) * 10)};
}

/// TERM, and KILL ten seconds later.
inline std::vector<plan::Step> term_then_kill() {
  return {{signals::kTerm, 10s}, {signals::kKill, 5s}};
}

/// A process that meets these effects in the steps' order; it surely ends if the last is `dies`,
/// or if it was a zombie to begin with.
inline plan::ProcessForecast process(int pid, std::string name, std::vector<Effect> effects,
                                     std::vector<plan::Step> steps = term_then_kill()) {
  plan::ProcessForecast made;
  made.id = id(pid);
  made.name = std::move(name);
  for (std::size_t i = 0; i < effects.size(); ++i) made.steps.push_back({steps[i], effects[i], ""});
  made.ends = !effects.empty() &&
              (effects.back() == Effect::dies || effects.back() == Effect::already_ended);
  return made;
}

/// Puts it into the plan, below the process at `parent`.
inline std::size_t add(plan::Forecast& forecast, plan::ProcessForecast made) {
  forecast.processes.push_back(std::move(made));
  return forecast.processes.size() - 1;
}
inline std::size_t add_below(plan::Forecast& forecast, std::size_t parent,
                             plan::ProcessForecast made, Role role = Role::descendant) {
  made.parent = parent;
  made.depth = forecast.processes[parent].depth + 1;
  made.role = role;
  return add(forecast, std::move(made));
}

/// A web server with a worker that handles TERM, one that ignores it, a daemon that went away, and
/// a zombie; and everything a plan can say beside its tree.
inline plan::Forecast web_server() {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  const std::size_t web = add(forecast, process(4242, "web-parent", {Effect::dies}));
  const std::size_t worker =
      add_below(forecast, web, process(4243, "worker", {Effect::handler, Effect::dies}));
  add_below(forecast, worker, process(4244, "stubborn", {Effect::ignored, Effect::dies}));
  add_below(forecast, web, process(4246, "gone", {Effect::already_ended}));
  const std::size_t daemon =
      add_below(forecast, web, process(4245, "daemon", {Effect::dies}), Role::tied);
  forecast.processes[daemon].tie = "session 4243, as 4243 worker";
  forecast.private_bytes = 12'897'485;  // 12.3 MiB
  forecast.open_files = 7;
  forecast.beyond_named = true;
  forecast.ports = {{Protocol::tcp, "127.0.0.1", 8080, id(4242), {}, Inode(1)},
                    {Protocol::tcp6, "::", 80, id(4242), {id(99), id(98)}, Inode(2)}};
  forecast.connections = {{Protocol::tcp, "127.0.0.1", 8080, "10.0.0.7", 51234, id(4243)}};
  forecast.orphans = {{id(5001), "logger", id(4243), id(1), "systemd"}};
  forecast.locks = {{{FileLock::Type::flock, true, Pid(4242), {}}, "/run/x.lock", id(4242)}};
  forecast.restarters = {
      {plan::Restarter::Kind::unit, "nginx.service", "Restart=always", std::nullopt}};
  forecast.spared = {{id(77), "bash", plan::Spared::Reason::ancestor_of_knell}};
  forecast.unread = {{"open files", EACCES, 3}};
  forecast.consequences = {
      {id(88), "vim", Effect::dies, "gets HUP and CONT: its process group is orphaned"}};
  return forecast;
}

inline plan::ProcessOutcome ended(int pid, std::string name, WaitStatus status,
                                  std::chrono::microseconds took) {
  plan::ProcessOutcome made;
  made.id = id(pid);
  made.name = std::move(name);
  made.fate = Fate::ended;
  made.status = status;
  made.last_signal = signals::kTerm;
  made.took = took;
  return made;
}

inline plan::ProcessOutcome living(int pid, std::string name, Fate fate, std::string why) {
  plan::ProcessOutcome made;
  made.id = id(pid);
  made.name = std::move(name);
  made.fate = fate;
  made.why = std::move(why);
  return made;
}

/// How the web server's end went: one of each fate.
inline plan::Verdict one_of_each() {
  plan::Verdict verdict;
  std::vector<plan::ProcessOutcome>& all = verdict.outcome.processes;
  all = {ended(4242, "web-parent", WaitStatus::killed(signals::kTerm), 12ms),
         ended(4243, "worker", WaitStatus::exited(0), 80ms),
         living(4244, "stubborn", Fate::survived, "in uninterruptible sleep (D) in nfs_wait"),
         living(4246, "gone", Fate::already_ended, ""),
         living(4245, "daemon", Fate::not_permitted, ""),
         ended(4250, "late", WaitStatus::killed(signals::kSegv, true), 10'200ms)};
  all[2].last_signal = signals::kKill;
  all[3].zombie = true;
  all[3].zombie_of = id(300);
  all[3].zombie_of_name = "lazy";
  all[5].role = Role::born;
  verdict.survivors = {2, 4};
  verdict.unforeseen = {{id(4244), "stubborn", "dies of KILL", "it lives"}};
  verdict.outcome.freed = {plan::Freed::Source::machine, 3'328'599'655};  // 3.1 GiB
  verdict.outcome.took = 15'200ms;
  verdict.exit = plan::Exit::not_permitted;
  return verdict;
}

}  // namespace knell::samples
