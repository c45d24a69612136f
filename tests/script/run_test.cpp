/// Names and numbers, steps that can be taken and steps that cannot, and undo by copying.

#include "knell/script/run.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knell/script/print.hpp"
#include "play.hpp"

namespace knell::script {
namespace {

using test::end_of;
using test::error_of;

Step step_in(std::string_view text) {
  Result<Step> step = parse_step(text);
  EXPECT_TRUE(step) << text;
  return step ? *step : Step();
}

Call call_of(const Run& run, std::string_view text) {
  const Result<Action> action = resolve(run, step_in(text));
  EXPECT_TRUE(action) << (action ? "" : action.error().message());
  const auto* call = action ? std::get_if<MakeCall>(&*action) : nullptr;
  return call != nullptr ? call->call : Call();
}

TEST(Start, HasInitAndWhatTheScriptAsksFor) {
  const script::Run run = start(test::read("version 3.16\ntty 2\n"));
  EXPECT_EQ(run.version, kernel::KernelVersion::v3_16);
  EXPECT_EQ(run.world.ttys.size(), 2U);
  ASSERT_EQ(run.names.size(), 1U);
  EXPECT_EQ(run.world[task_of(run, "init")].pid, Pid(1));
  EXPECT_EQ(start(Script()).version, kernel::kNewest);
}

TEST(Names, BecomeNumbersInTheCallersPidNamespace) {
  const script::Run run = end_of(R"(
init: clone NEWPID -> box = 2
box: fork -> inner = 2
inner: setpgid 0 0
init: fork -> outer = 4
)");
  EXPECT_EQ(call_of(run, "init: kill inner TERM").arg[0], 3);
  EXPECT_EQ(call_of(run, "box: kill inner TERM").arg[0], 2);
  EXPECT_EQ(call_of(run, "box: kill -inner TERM").arg[0], -2);
  EXPECT_EQ(call_of(run, "box: setpgid 0 group:inner").arg[1], 2);
  EXPECT_EQ(call_of(run, "init: kill -group:inner TERM").arg[0], -3);
  EXPECT_EQ(call_of(run, "inner: kill box TERM").arg[0], 1);
  EXPECT_EQ(std::get<MakeCall>(*resolve(run, step_in("inner: pause"))).actor, Pid(3));
}

TEST(Names, WhoCannotBeSeenHasNoNumber) {
  constexpr const char* scenario = "init: clone NEWPID -> box\ninit: fork -> outer\n";
  EXPECT_EQ(error_of(std::string(scenario) + "box: kill outer TERM"),
            "line 3: outer has no number where box is");
  EXPECT_EQ(error_of(std::string(scenario) + "box: kill -group:outer TERM"),
            "line 3: outer's group has no number where box is");
}

TEST(Names, OfGroupsAndSessionsOutliveTheirLeaders) {
  const script::Run run = end_of(R"(
init: fork -> shell
shell: setsid = shell
shell: fork -> job
shell: exit_group 0
init: wait = shell exited 0
expect shell gone
expect job session shell, group shell
)");
  EXPECT_EQ(call_of(run, "job: kill -group:job TERM").arg[0], -2);
  EXPECT_EQ(call_of(run, "job: setpgid 0 session:job").arg[1], 2);
}

TEST(Names, StayWithTheProcessWhenAThreadOfItRunsAProgram) {
  const script::Run run = end_of(R"(
init: fork -> server = 2
server: thread -> worker = 3
worker: exec
expect server pid 2, threads 1, runs
expect worker pid 2, runs
server: exit_group 3
init: wait server = server exited 3
expect server reaped by init
)");
  EXPECT_EQ(task_of(run, "server"), task_of(run, "worker"));
}

TEST(Names, OfWhatWasNeverMadeAreAnErrorWhereTheyAreUsed) {
  constexpr const char* scenario = R"(user alice 1001
init: fork -> hers
hers: setresuid alice alice alice
hers: clone NEWPID -> box = EPERM
expect box gone
)";
  const Simulation simulation = test::play(scenario);
  ASSERT_EQ(simulation.unmet, 1U);
  EXPECT_EQ(simulation.steps.back().result.unmet[0].found, "box was never made");
  EXPECT_EQ(error_of(std::string(scenario) + "hers: kill box TERM"),
            "line 6: there is no box: the call that was to make it failed");
  EXPECT_EQ(error_of(std::string(scenario) + "box: pause"),
            "line 6: there is no box: the call that was to make it failed");
}

/// conform/ plays many scenarios without a log.
TEST(Names, AreLearntWithoutALogToo) {
  script::Run run = start(Script());
  for (const auto& [text, name] :
       {std::pair("init: fork -> job", "job"), std::pair("job: thread -> worker", "worker")}) {
    const Step step = step_in(text);
    const Before mark = before(run, step);
    const Result<Action> action = resolve(run, step);
    ASSERT_TRUE(action);
    kernel::Kernel kernel(run.world);
    kernel.silent = true;
    perform(kernel, *action);
    kernel::run_to_rest(kernel);
    learn(run, step, mark, kernel.log);
    EXPECT_EQ(task_of(run, name), TaskIndex(run.world.tasks.size() - 1));
  }
}

TEST(Names, OfTasksWithoutOneAreTheirNumbers) {
  const script::Run run = end_of("init: fork = 2\n");
  EXPECT_EQ(name_of(run, run.world.find(Pid(2))), "pid 2");
  EXPECT_EQ(name_of(run, TaskIndex()), "nobody");
}

TEST(ACall, NeedsAProgramThatRuns) {
  constexpr const char* job = "init: fork -> job\n";
  const auto why = [&](std::string_view lines) {
    return error_of(std::string(job) + std::string(lines) + "job: pause");
  };
  EXPECT_EQ(why("job: pause\n"), "line 3: job cannot make a call: it is asleep in pause");
  EXPECT_EQ(why("init: kill job STOP\n"),
            "line 3: job cannot make a call: it is stopped (by STOP)");
  EXPECT_EQ(why("init: kill job TERM\n"),
            "line 3: job cannot make a call: it has ended (killed TERM)");
  EXPECT_EQ(why("job: exit_group 3\ninit: wait\n"),
            "line 4: job cannot make a call: it is gone (exited 3)");
  EXPECT_EQ(why("job: ptrace traceme\ninit: kill job USR1\n"),
            "line 4: job cannot make a call: it is stopped for its tracer, init");
  EXPECT_EQ(why("job: vfork -> child\n"), "line 3: job cannot make a call: it is asleep in clone");
  EXPECT_EQ(error_of("init: fork -> a\ninit: kill a KILL\noom a\n"),
            "line 3: the OOM killer cannot choose a: it has ended (killed KILL)");
}

TEST(Actions, OfWhatIsNoCall) {
  script::Run run = end_of("tty 2\ninit: fork -> job\n");
  EXPECT_EQ(*resolve(run, step_in("type ^Z tty 1")), Action(PressKey{1, kernel::Key::susp}));
  EXPECT_EQ(*resolve(run, step_in("hangup")), Action(HangUp{0}));
  EXPECT_EQ(*resolve(run, step_in("oom job")), Action(OutOfMemory{Pid(2)}));
  EXPECT_EQ(*resolve(run, step_in("pass 2s")), Action(Advance{2000}));
  EXPECT_FALSE(resolve(run, step_in("type ^C tty 2")));
  EXPECT_FALSE(resolve(run, step_in("hangup tty 7")));
  EXPECT_FALSE(acts(step_in("expect job runs")));
  EXPECT_TRUE(acts(step_in("pass 1ms")));
}

TEST(Reapers, AreRemembered) {
  end_of(R"(
init: fork -> parent
parent: fork -> child
child: exit_group 0
expect child zombie, not reaped by parent, not reaped by nobody
parent: wait = child exited 0
expect child reaped by parent, not reaped by init
init: sigaction CHLD ignore
parent: exit_group 0
expect parent gone, reaped by nobody
)");
}

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(KNELL_SOURCE_DIR "/scenarios"))
    if (entry.path().extension() == ".knell") all.push_back(entry.path());
  return all;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Forwards, backwards by putting the copy back, and forwards again: the same, to the last bit.
TEST(ACopy, IsUndo) {
  ASSERT_GE(shipped().size(), 6U);
  for (const auto& path : shipped()) {
    const Script script = test::read(text_of(path));
    script::Run run = start(script);
    for (const Step& each : script.steps) {
      const script::Run before = run;
      script::Run other = run;
      const Result<StepResult> once = step(run, each);
      ASSERT_TRUE(once) << path;
      const Result<StepResult> again = step(other, each);
      ASSERT_TRUE(again) << path;
      ASSERT_EQ(once->events, again->events) << path;
      ASSERT_EQ(run, other) << path << ": " << print(each);
      if (acts(each)) continue;
      ASSERT_EQ(run, before) << path << ": an expectation changed something";
    }
  }
}

/// Whether the functions are noted makes no difference to what happens.
TEST(TheFunctions, AreOnlyNoted) {
  for (const auto& path : shipped()) {
    const Script script = test::read(text_of(path));
    const Simulation with = simulate(script, {.functions = true});
    const Simulation without = simulate(script, {});
    ASSERT_EQ(with.last(), without.last()) << path;
    for (std::size_t i = 0; i < with.steps.size(); ++i) {
      EventLog events = with.steps[i].result.events;
      std::erase_if(events, [](const Event& event) {
        return event.kind == Event::Kind::function || event.kind == Event::Kind::step;
      });
      EXPECT_EQ(events, without.steps[i].result.events) << path;
    }
  }
}

TEST(Until, IsTheLastLineThatIsTaken) {
  const Script script = test::read("init: fork -> a\n\ninit: fork -> b\ninit: fork -> c\n");
  EXPECT_EQ(simulate(script, {.until = 3}).steps.size(), 2U);
  EXPECT_EQ(simulate(script, {.until = 2}).steps.size(), 1U);
  EXPECT_EQ(simulate(script, {}).steps.size(), 3U);
  EXPECT_EQ(simulate(script, {.version = kernel::KernelVersion::v5_10}).last().version,
            kernel::KernelVersion::v5_10);
}

bool holds(std::string_view text, kernel::KernelVersion version) {
  const Simulation simulation = simulate(test::read(text), {.version = version});
  return !simulation.error && std::ranges::all_of(simulation.steps, [](const Taken& taken) {
    return taken.result.unmet.empty();
  });
}

/// fs/proc/array.c shows the pending signals of a zombie, too; measured on 6.18.44.
TEST(Versions, DifferInWhatADeadThreadIsSent) {
  constexpr std::string_view kScript = R"(init: fork -> job
job: thread -> other
job: exit 0
init: tkill job TERM = 0
)";
  const std::string kept = std::string(kScript) + "expect job own pending TERM\n";
  const std::string dropped = std::string(kScript) + "expect job own pending none\n";
  EXPECT_TRUE(holds(kept, kernel::KernelVersion::v6_18));
  EXPECT_FALSE(holds(dropped, kernel::KernelVersion::v6_18));
  EXPECT_TRUE(holds(dropped, kernel::KernelVersion::v6_18_44));
}

/// complete_signal of 4.15 and later asks for the default action, not for whom it is; measured on
/// 6.18.44, which asks for both.
TEST(Versions, DifferInHowAnInitWithThreadsIsSpared) {
  constexpr std::string_view kScript = R"(init: clone NEWPID -> box
box: block USR2
box: thread -> worker
box: unblock USR2
init: kill worker USR2 = 0
)";
  const std::string spared = std::string(kScript) + "expect box runs\n";
  EXPECT_TRUE(holds(spared, kernel::KernelVersion::v3_16));
  EXPECT_FALSE(holds(spared, kernel::KernelVersion::v6_18));
  EXPECT_TRUE(holds(spared, kernel::KernelVersion::v6_18_44));
}

}  // namespace
}  // namespace knell::script
