/// The plan against reality: each scenario is played with real processes to where most of them
/// live, the oldest process but init is planned and ended with all that descends from it, and what
/// came must be what the plan said, also for those whom it did not name.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "knell/act/ending.hpp"
#include "knell/conform/stage.hpp"
#include "knell/plan/survey.hpp"
#include "knell/plan/verdict.hpp"
#include "knell/script/parse.hpp"
#include "knell/script/run.hpp"

namespace knell::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using conform::Doing;
using conform::Observation;
using conform::Stage;

std::vector<std::string> scenario_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(fs::path(KNELL_SOURCE_DIR) / "scenarios"))
    if (entry.path().extension() == ".knell") files.push_back(entry.path().stem());
  std::ranges::sort(files);
  return files;
}

bool lives(const conform::TaskSeen& task) {
  return task.doing != Doing::zombie || task.threads > 1;
}

std::size_t living(const Observation& seen) {
  return static_cast<std::size_t>(std::ranges::count_if(seen.tasks, lives));
}

/// The step after which most live, the last of them; found in a World.
std::size_t fullest_step(const script::Script& script) {
  script::Run run = script::start(script);
  std::size_t most = 1;
  std::size_t fullest = 0;
  for (std::size_t i = 0; i < script.steps.size(); ++i) {
    if (script::acts(script.steps[i]) && !script::step(run, script.steps[i])) break;
    if (living(conform::observe(run.world)) < most) continue;
    most = living(conform::observe(run.world));
    fullest = i;
  }
  return fullest;
}

/// The scenario up to a step: in a World and by real processes alike.
struct Played {
  script::Run run;
  Observation seen;
};
Played play(Stage& stage, const script::Script& script, std::size_t last) {
  Played played{script::start(script), stage.rest(5s).value()};
  for (std::size_t i = 0; i <= last; ++i) {
    const script::Step& step = script.steps[i];
    if (!script::acts(step)) continue;
    const auto action = script::resolve(played.run, step);
    if (!action || !stage.perform(*action)) break;
    played.seen = stage.rest(5s).value();
    if (!script::step(played.run, step)) break;
  }
  return played;
}

/// The machine's numbers for those of the scenario: the puppets descend from this test.
std::map<Pid, Pid> numbers_on_the_machine(const live::Machine& machine) {
  Questions questions;
  questions.of_all = Known::stat | Known::status;
  const World world = machine.read(questions).value();
  std::map<Pid, Pid> numbers;
  for (const TaskIndex task : world.processes()) {
    const std::vector<Pid>& all = world.details_of(task).ns_pids;
    bool mine = false;
    for (TaskIndex above = world[task].real_parent; above; above = world[above].real_parent)
      mine = mine || world[above].pid == Pid(::getpid());
    if (mine && all.size() > 1) numbers[all[1]] = world[task].pid;
  }
  return numbers;
}

/// What /proc does not show, and so no plan can know: who asked to be signalled at a parent's end,
/// and children that end with another signal than CHLD.
bool has_hidden_ties(const World& world) {
  return std::ranges::any_of(world.tasks, [](const Task& task) {
    return task.pdeath_signal.number() != 0 || task.ptrace.exitkill ||
           (task.exit_signal.number() != 0 && task.exit_signal != signals::kChld);
  });
}

class ForReal : public testing::TestWithParam<std::string> {};

TEST_P(ForReal, WhatThePlanSaysComes) {
  const conform::Abilities able = conform::abilities();
  if (!able.namespaces || !able.users) GTEST_SKIP() << able.why_not;
  const fs::path path = fs::path(KNELL_SOURCE_DIR) / "scenarios" / (GetParam() + ".knell");
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const auto script = script::parse(text.str(), path.filename().string());
  ASSERT_TRUE(script) << script.error().message();
  auto stage = Stage::open();
  ASSERT_TRUE(stage) << stage.error().message();
  const Played played = play(*stage, *script, fullest_step(*script));
  const auto victim = std::ranges::find_if(played.seen.tasks, [](const auto& task) {
    return task.pid != Pid(1) && task.pid == task.tgid && lives(task);
  });
  if (victim == played.seen.tasks.end()) GTEST_SKIP() << "nobody but init ever lives in it";

  const auto machine = live::Machine::open();
  ASSERT_TRUE(machine);
  const std::map<Pid, Pid> numbers = numbers_on_the_machine(*machine);
  plan::Request request;
  request.targets.push_back(
      select::parse_target(std::to_string(numbers.at(victim->pid).value())).value());
  request.steps = plan::parse_steps("TERM:200ms,KILL", 5s).value();
  const auto survey = plan::survey(*machine, request);
  ASSERT_TRUE(survey) << survey.error().message();
  const plan::Forecast& forecast = survey->forecast;
  auto outcome = act::end(*machine, forecast, {});
  ASSERT_TRUE(outcome) << outcome.error().message();
  const plan::Verdict verdict = plan::judge(forecast, std::move(*outcome));
  for (const plan::Unforeseen& one : verdict.unforeseen)
    ADD_FAILURE() << one.name << " " << one.id.pid.value() << ": foretold: " << one.foretold
                  << "; came: " << one.came;
  EXPECT_TRUE(verdict.survivors.empty());

  std::set<Pid> foretold;
  for (const auto& process : forecast.processes) foretold.insert(process.id.pid);
  for (const auto& reached : forecast.consequences)
    if (reached.effect == plan::Effect::dies) foretold.insert(reached.id.pid);
  const Observation after = stage->rest(5s).value();
  for (const auto& task : played.seen.tasks) {
    if (task.pid != task.tgid || !lives(task)) continue;
    const auto now = std::ranges::find(after.tasks, task.pid, &conform::TaskSeen::pid);
    const bool ended = now == after.tasks.end() || !lives(*now);
    if (has_hidden_ties(played.run.world) && ended) continue;
    EXPECT_EQ(ended, foretold.contains(numbers.at(task.pid)))
        << "pid " << task.pid.value() << " of the scenario";
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, ForReal, testing::ValuesIn(scenario_files()),
                         [](const auto& scenario) {
                           std::string name = scenario.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace knell::test
