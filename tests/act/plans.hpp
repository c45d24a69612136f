#pragma once

/// Small plans for processes that a test started.

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "knell/act/ending.hpp"

namespace knell::act {

using namespace std::chrono_literals;
using plan::Fate;
using plan::Step;

/// Longer than any of these tests may take: whoever waits so long fails by its result.
inline constexpr auto kLong = std::chrono::seconds(20);

inline live::Machine this_machine() {
  auto machine = live::Machine::open();
  EXPECT_TRUE(machine) << machine.error().message();
  return std::move(*machine);
}

/// A plan made now.
inline plan::Forecast plan_for(const live::Machine& machine, const std::vector<ProcessId>& ids,
                               std::vector<Step> steps) {
  plan::Forecast forecast;
  forecast.steps = std::move(steps);
  auto world = machine.read(Questions{});
  EXPECT_TRUE(world) << world.error().message();
  forecast.before = std::move(*world);
  for (ProcessId id : ids) {
    plan::ProcessForecast process;
    process.id = id;
    process.name = "of a test";
    if (const TaskIndex task = forecast.before.find(id)) {
      process.state = forecast.before[task].state;
      process.nr_threads = forecast.before.signal_of(task).nr_threads;
    }
    forecast.processes.push_back(process);
  }
  return forecast;
}

/// The outcome, which must be one.
inline plan::Outcome end_now(const live::Machine& machine, const plan::Forecast& forecast,
                             const Settings& settings = {.last_wait = kLong},
                             Observer* observer = nullptr) {
  auto outcome = end(machine, forecast, settings, observer);
  EXPECT_TRUE(outcome) << outcome.error().message();
  return outcome ? std::move(*outcome) : plan::Outcome{};
}

}  // namespace knell::act
