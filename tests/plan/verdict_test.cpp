/// What came, held against what was foretold.

#include "knell/plan/verdict.hpp"

#include <gtest/gtest.h>

namespace knell::plan {
namespace {

ProcessForecast foretold(int pid, std::vector<StepForecast> steps, bool ends) {
  ProcessForecast process;
  process.id = {Pid(pid), StartTime(1)};
  process.steps = std::move(steps);
  process.ends = ends;
  return process;
}

ProcessOutcome came(int pid, Fate fate, std::optional<Signal> last,
                    std::optional<WaitStatus> status = {}) {
  ProcessOutcome process;
  process.id = {Pid(pid), StartTime(1)};
  process.fate = fate;
  process.last_signal = last;
  process.status = status;
  return process;
}

const Step kTermStep{signals::kTerm, {}};
const Step kKillStep{signals::kKill, {}};

Verdict judged(ProcessForecast process, ProcessOutcome outcome) {
  Forecast forecast;
  forecast.processes = {std::move(process)};
  Outcome whole;
  whole.processes = {std::move(outcome)};
  return judge(forecast, std::move(whole));
}

TEST(Verdict, IsGoneWhenAllWentAsForetold) {
  const Verdict verdict =
      judged(foretold(7, {{kTermStep, Effect::dies, {}}}, true),
             came(7, Fate::ended, signals::kTerm, WaitStatus::killed(signals::kTerm)));
  EXPECT_EQ(verdict.exit, Exit::gone);
  EXPECT_TRUE(verdict.unforeseen.empty());
}

TEST(Verdict, ASurvivorThatWasToDieIsUnforeseen) {
  const Verdict verdict = judged(foretold(7, {{kKillStep, Effect::dies, {}}}, true),
                                 came(7, Fate::survived, signals::kKill));
  EXPECT_EQ(verdict.exit, Exit::survived);
  ASSERT_EQ(verdict.unforeseen.size(), 1U);
  EXPECT_EQ(verdict.unforeseen[0].foretold, "dies of KILL");
  EXPECT_EQ(verdict.survivors, (std::vector<std::size_t>{0}));
}

TEST(Verdict, IsNotGoneWhereSomeMayHaveBeenMissed) {
  Outcome outcome;
  outcome.processes = {came(7, Fate::ended, signals::kKill, WaitStatus::killed(signals::kKill))};
  outcome.may_have_missed = true;
  EXPECT_EQ(judge(Forecast{}, std::move(outcome)).exit, Exit::survived);
}

TEST(Verdict, ASurvivorThatWasNotTriedToTheEndIsNoSurprise) {
  // Stopped by a person before KILL was sent.
  const Verdict verdict =
      judged(foretold(7, {{kTermStep, Effect::ignored, {}}, {kKillStep, Effect::dies, {}}}, true),
             came(7, Fate::survived, signals::kTerm));
  EXPECT_EQ(verdict.exit, Exit::survived);
  EXPECT_TRUE(verdict.unforeseen.empty());
}

TEST(Verdict, AnEndThatAHandlerChoseIsNoSurprise) {
  const Verdict verdict = judged(foretold(7, {{kTermStep, Effect::handler, {}}}, false),
                                 came(7, Fate::ended, signals::kTerm, WaitStatus::exited(7)));
  EXPECT_TRUE(verdict.unforeseen.empty());
}

TEST(Verdict, AnEndOfWhatWasToIgnoreItIsUnforeseen) {
  const Verdict verdict =
      judged(foretold(7, {{kTermStep, Effect::ignored, {}}}, false),
             came(7, Fate::ended, signals::kTerm, WaitStatus::killed(signals::kTerm)));
  EXPECT_EQ(verdict.unforeseen.size(), 1U);
}

TEST(Verdict, AnotherEndThanTheForetoldIsUnforeseen) {
  const Verdict verdict = judged(foretold(7, {{kTermStep, Effect::dies, {}}}, true),
                                 came(7, Fate::ended, signals::kTerm, WaitStatus::exited(0)));
  ASSERT_EQ(verdict.unforeseen.size(), 1U);
  EXPECT_EQ(verdict.unforeseen[0].came, "exit status 0");
}

TEST(Verdict, WantOfPermissionIsToldBeforeSurvival) {
  Forecast forecast;
  Outcome outcome;
  outcome.processes = {came(7, Fate::survived, signals::kKill), came(8, Fate::not_permitted, {})};
  EXPECT_EQ(judge(forecast, outcome).exit, Exit::not_permitted);
}

TEST(Verdict, ANewcomerIsUnforeseen) {
  Forecast forecast;
  Outcome outcome;
  outcome.processes = {came(9, Fate::ended, signals::kKill, WaitStatus::killed(signals::kKill))};
  outcome.processes[0].role = Role::born;
  const Verdict verdict = judge(forecast, outcome);
  ASSERT_EQ(verdict.unforeseen.size(), 1U);
  EXPECT_EQ(verdict.unforeseen[0].foretold, "did not exist");
  EXPECT_EQ(verdict.exit, Exit::gone);
}

}  // namespace
}  // namespace knell::plan
