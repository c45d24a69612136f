#pragma once

/// Plans and verdicts made by RapidCheck, with any bytes wherever bytes come from outside.

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "samples.hpp"

namespace knell::samples {

/// Any bytes but NUL (no name the kernel gives has one), with more of what hurts than chance gives:
/// escapes, bidirectional controls, marks, wide characters, halves of characters, blanks.
inline rc::Gen<std::string> bytes() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
          rc::gen::element<std::string>("\x1b[31m", "\n", "\\", "\\x1b", "\u202e", "\u0301", "日",
                                        "\xe6\x97", "\xff", "  ", "\t", "🔔", "\u200b", "é", "a"),
          rc::gen::map(rc::gen::inRange(1, 256),
                       [](int byte) { return std::string(1, static_cast<char>(byte)); }),
          rc::gen::just<std::string>("worker"))),
      [](const std::vector<std::string>& parts) {
        std::string all;
        for (const std::string& part : parts) all += part;
        return all;
      });
}

inline rc::Gen<ProcessId> any_id() {
  return rc::gen::map(rc::gen::inRange(1, 4'194'304),
                      [](int pid) { return id(pid); });  // PID_MAX_LIMIT
}

inline Effect any_effect() {
  return *rc::gen::map(rc::gen::inRange(0, static_cast<int>(Effect::waits) + 1),
                       [](int effect) { return static_cast<Effect>(effect); });
}

inline plan::ProcessForecast any_process(const plan::Forecast& forecast) {
  plan::ProcessForecast made;
  made.id = *any_id();
  made.name = *bytes();
  made.command = *bytes();
  made.tie = *bytes();
  made.role = *rc::gen::element(Role::named, Role::descendant, Role::tied);
  made.known = Known::names | Known::files | Known::memory | Known::status;
  made.leader_ended = *rc::gen::arbitrary<bool>();
  made.nr_threads = *rc::gen::arbitrary<std::uint32_t>();
  made.ends = *rc::gen::arbitrary<bool>();
  for (const plan::Step& step : forecast.steps)
    made.steps.push_back({step, any_effect(), *bytes()});
  if (!forecast.processes.empty() && *rc::gen::inRange(0, 4) != 0) {
    const std::size_t parent = forecast.processes.size() - 1;
    made.parent = parent;
    made.depth = *rc::gen::inRange<std::size_t>(1, forecast.processes[parent].depth + 2);
  }
  return made;
}

/// A few processes (or, one time in four, more than are shown one by one) and some of everything.
inline plan::Forecast any_forecast() {
  plan::Forecast forecast;
  forecast.steps = *rc::gen::element(
      term_then_kill(), std::vector<plan::Step>{{signals::kKill, 5s}},
      std::vector<plan::Step>{{signals::kTerm, 1500ms}, {signals::kInt, 0s}, {signals::kKill, 2s}});
  const int count = *rc::gen::inRange(0, 4) == 0 ? 60 : *rc::gen::inRange(0, 8);
  for (int i = 0; i < count; ++i) add(forecast, any_process(forecast));
  for (int i = 0; i < *rc::gen::inRange(0, 8); ++i) {
    forecast.orphans.push_back({*any_id(), *bytes(), *any_id(), *any_id(), *bytes()});
    forecast.consequences.push_back({*any_id(), *bytes(), any_effect(), *bytes()});
    forecast.ports.push_back({Protocol::tcp6, *bytes(), 65535, *any_id(), {}, {}});
    forecast.ports.push_back({Protocol::udp, *bytes(), 53, *any_id(), {*any_id()}, {}});
    forecast.connections.push_back({Protocol::unix_stream, *bytes(), 0, *bytes(), 0, *any_id()});
    forecast.locks.push_back({{}, *bytes(), *any_id()});
    forecast.restarters.push_back(
        {plan::Restarter::Kind::supervisor, *bytes(), *bytes(), *any_id()});
    forecast.spared.push_back({*any_id(), *bytes(), plan::Spared::Reason::init});
    forecast.unread.push_back({*bytes(), EACCES, 7});
  }
  return forecast;
}

inline plan::Verdict any_verdict(const plan::Forecast& forecast) {
  plan::Verdict verdict;
  for (const plan::ProcessForecast& process : forecast.processes) {
    plan::ProcessOutcome made;
    made.id = process.id;
    made.name = process.name;
    made.tie = process.tie;
    made.why = *bytes();
    made.fate = *rc::gen::element(Fate::ended, Fate::already_ended, Fate::survived,
                                  Fate::not_permitted, Fate::unknown);
    if (*rc::gen::arbitrary<bool>())
      made.status = WaitStatus(*rc::gen::element(0, 15, 9, 0x8b, 0x300));
    if (*rc::gen::arbitrary<bool>()) made.last_signal = signals::kTerm;
    made.took = std::chrono::microseconds(*rc::gen::inRange(0, 100'000'000));
    made.zombie = *rc::gen::arbitrary<bool>();
    if (made.zombie) made.zombie_of = *any_id();
    made.zombie_of_name = *bytes();
    const bool lives = made.fate == Fate::survived || made.fate == Fate::not_permitted;
    if (lives) verdict.survivors.push_back(verdict.outcome.processes.size());
    if (*rc::gen::arbitrary<bool>())
      verdict.unforeseen.push_back({made.id, made.name, *bytes(), *bytes()});
    verdict.outcome.processes.push_back(made);
  }
  verdict.outcome.may_have_missed = *rc::gen::arbitrary<bool>();
  verdict.outcome.interrupted = *rc::gen::arbitrary<bool>();
  verdict.outcome.waited = *rc::gen::arbitrary<bool>();
  verdict.outcome.freed = {plan::Freed::Source::machine, *rc::gen::arbitrary<std::int64_t>()};
  return verdict;
}

}  // namespace knell::samples
