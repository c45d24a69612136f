/// Plans as they are read, written out by hand.

#include <string>

#include <gtest/gtest.h>

#include "knell/report/text.hpp"
#include "samples.hpp"

namespace knell::report {
namespace {

using namespace knell::samples;

Style ascii() {
  Style style;
  style.unicode = false;
  return style;
}

/// How many times `part` is in `text`.
std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
    ++count;
  return count;
}

bool says(const std::string& text, const std::string& part) {
  return times(text, part) > 0;
}

/// What the plan's line says of a single process.
std::string said_of(plan::ProcessForecast process) {
  plan::Forecast forecast;
  for (const plan::StepForecast& step : process.steps) forecast.steps.push_back(step.step);
  add(forecast, std::move(process));
  Style style = ascii();
  style.width = 200;
  const std::string text = plan_text(forecast, style);
  const std::size_t start = text.find("\n  7 x") + 6;
  const std::string line = text.substr(start, text.find('\n', start) - start);
  return line.substr(std::min(line.size(), line.find_first_not_of(' ')));
}

TEST(Plan, OfATree) {
  EXPECT_EQ(plan_text(web_server(), ascii()),
            R"(Ends 4242 web-parent and 4 descendants: TERM, KILL after 10 s

  4242 web-parent      dies
  |- 4243 worker       its handler decides, else KILL after 10 s
  |  `- 4244 stubborn  ignores TERM; dies of KILL after 10 s
  |- 4246 gone         zombie already; goes once 4242 does
  `~ 4245 daemon       dies (tied: session 4243, as 4243 worker)

Also reaches  88 vim: gets HUP and CONT: its process group is orphaned; dies
Breaks        tcp 127.0.0.1:8080 <-> 10.0.0.7:51234 (4243 worker)
Orphans       5001 logger goes to 1 systemd
Starts again  nginx.service: Restart=always
Gives back    12.3 MiB of memory, 7 open files, tcp 127.0.0.1:8080
Stays open    tcp6 [::]:80: also held by 99 and 1 more
Unlocks       /run/x.lock (flock, 4242 web-parent)
Spared        77 bash: an ancestor of knell
Not read      open files of 3 processes: Permission denied
)");
}

TEST(Plan, DrawsItsTreeInUnicodeWhereItMay) {
  const std::string text = plan_text(web_server(), Style());
  EXPECT_TRUE(says(text, "\n  ├─ 4243 worker "));
  EXPECT_TRUE(says(text, "\n  │  └─ 4244 stubborn "));
  EXPECT_TRUE(says(text, "\n  └~ 4245 daemon "));
}

TEST(Plan, DrawsNoLineBelowTheLastOfSiblings) {
  plan::Forecast forecast;
  forecast.steps = {{signals::kKill, 5s}};
  const auto dying = [&](int pid) { return process(pid, "x", {Effect::dies}, forecast.steps); };
  const std::size_t root = add(forecast, dying(1));
  add_below(forecast, add_below(forecast, root, dying(2)), dying(3));
  add_below(forecast, add_below(forecast, root, dying(4)), dying(5));
  EXPECT_EQ(plan_text(forecast, ascii()), R"(Ends 1 x and 4 descendants: KILL
Each of them: dies

  1 x
  |- 2 x
  |  `- 3 x
  `- 4 x
     `- 5 x
)");
}

TEST(Plan, OfOneProcessTellsWhatItRuns) {
  plan::Forecast forecast;
  forecast.steps = {{signals::kKill, 5s}};
  forecast.only_named = true;
  plan::ProcessForecast python = process(7, "python3", {Effect::dies}, forecast.steps);
  python.command = "python3 /srv/shop/manage.py runserver";
  add(forecast, python);
  EXPECT_EQ(plan_text(forecast, ascii()),
            R"(Ends only 7 python3: KILL
  runs: python3 /srv/shop/manage.py runserver

  7 python3  dies
)");
}

TEST(Plan, SaysThatChildrenAreSignalledFirst) {
  plan::Forecast forecast;
  forecast.steps = {{signals::kKill, 5s}};
  forecast.leaves_first = true;
  add(forecast, process(7, "x", {Effect::dies}, forecast.steps));
  EXPECT_TRUE(plan_text(forecast, ascii()).starts_with("Ends 7 x: KILL, children first\n"));
}

TEST(Plan, SaysOnceWhatHoldsForAll) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  for (int pid : {7, 8}) add(forecast, process(pid, "x", {Effect::handler, Effect::dies}));
  EXPECT_EQ(plan_text(forecast, ascii()), R"(Ends 7 x, 8 x: TERM, KILL after 10 s
Each of them: its handler decides, else KILL after 10 s

  7 x
  8 x
)");
}

TEST(Plan, DoesNotPromiseAnEndThatRestsWithThePrograms) {
  plan::Forecast forecast;
  forecast.steps = {{signals::kHup, 0s}};
  add(forecast, process(7, "nginx", {Effect::handler}, forecast.steps));
  EXPECT_EQ(plan_text(forecast, ascii()), R"(Sends HUP to 7 nginx

  7 nginx  its handler decides
)");
}

TEST(Plan, SaysFirstWhoMayOutliveIt) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  add(forecast, process(7, "mine", {Effect::dies}));
  add(forecast, process(8, "theirs", {Effect::not_permitted, Effect::not_permitted}));
  EXPECT_EQ(plan_text(forecast, ascii()), R"(Ends 7 mine, 8 theirs: TERM, KILL after 10 s
Not sure to end: 1 of 2 (8)

  7 mine    dies
  8 theirs  not permitted
)");
}

TEST(Plan, ThatEndsNothingSaysSo) {
  EXPECT_EQ(plan_text({}, ascii()), "Nothing to end.\n");
  plan::Forecast forecast;
  forecast.spared = {{id(77), "bash", plan::Spared::Reason::ancestor_of_knell},
                     {id(1), "systemd", plan::Spared::Reason::init},
                     {id(2), "kthreadd", plan::Spared::Reason::kernel_thread},
                     {id(78), "knell", plan::Spared::Reason::knell_itself}};
  EXPECT_EQ(plan_text(forecast, ascii()),
            R"(Nothing to end: each of the processes that matched is spared.

Spared        77 bash: an ancestor of knell
              1 systemd: init
              2 kthreadd: a kernel thread
              78 knell: knell itself
)");
}

TEST(Effects, AreSaidInWords) {
  const auto both = [](Effect first, Effect then) {
    return said_of(process(7, "x", {first, then}));
  };
  EXPECT_EQ(said_of(process(7, "x", {Effect::dies})), "dies");
  EXPECT_EQ(both(Effect::handler, Effect::dies), "its handler decides, else KILL after 10 s");
  EXPECT_EQ(both(Effect::tracer, Effect::dies), "its tracer decides, else KILL after 10 s");
  EXPECT_EQ(both(Effect::ignored, Effect::dies), "ignores TERM; dies of KILL after 10 s");
  EXPECT_EQ(both(Effect::blocked, Effect::dies), "blocks TERM; dies of KILL after 10 s");
  EXPECT_EQ(both(Effect::waits, Effect::dies), "cannot take TERM yet; dies of KILL after 10 s");
  EXPECT_EQ(both(Effect::immune, Effect::dies), "immune to TERM; dies of KILL after 10 s");
  EXPECT_EQ(both(Effect::no_effect, Effect::dies),
            "TERM does nothing to it; dies of KILL after 10 s");
  EXPECT_EQ(both(Effect::stops, Effect::dies), "is stopped by TERM; dies of KILL after 10 s");
  EXPECT_EQ(both(Effect::continues, Effect::dies), "is continued by TERM; dies of KILL after 10 s");
  EXPECT_EQ(both(Effect::not_permitted, Effect::not_permitted), "not permitted");
  EXPECT_EQ(said_of(process(7, "x", {Effect::already_ended})), "zombie already");
}

TEST(Effects, OfThePlansLastSignalLeaveNothingOpen) {
  const std::vector<plan::Step> term = {{signals::kTerm, 10s}};
  EXPECT_EQ(said_of(process(7, "x", {Effect::ignored}, term)), "ignores TERM; lives on");
  EXPECT_EQ(said_of(process(7, "x", {Effect::immune}, term)), "immune to TERM; lives on");
  EXPECT_EQ(said_of(process(7, "x", {Effect::blocked}, term)),
            "blocks TERM; lives on while it does");
}

TEST(Effects, OfThreeStepsAreCountedFromTheFirstSignal) {
  const std::vector<plan::Step> steps = {
      {signals::kTerm, 10s}, {signals::kInt, 5s}, {signals::kKill, 5s}};
  const auto three = [&](Effect first, Effect second) {
    return said_of(process(7, "x", {first, second, Effect::dies}, steps));
  };
  EXPECT_EQ(three(Effect::ignored, Effect::handler),
            "ignores TERM; its handler decides on INT after 10 s, else KILL after 15 s");
  EXPECT_EQ(three(Effect::ignored, Effect::ignored),
            "ignores TERM and INT; dies of KILL after 15 s");
  EXPECT_EQ(three(Effect::handler, Effect::handler),
            "its handlers decide on TERM and INT, else KILL after 15 s");
}

TEST(Effects, HaveTheirReasons) {
  plan::ProcessForecast frozen = process(7, "x", {Effect::waits, Effect::waits});
  for (plan::StepForecast& step : frozen.steps) step.why = "frozen by its cgroup";
  EXPECT_EQ(said_of(frozen), "cannot take TERM and KILL yet (frozen by its cgroup)");

  plan::ProcessForecast asleep = process(7, "x", {Effect::waits});
  asleep.state = TaskState::disk_sleep;
  EXPECT_EQ(said_of(asleep), "cannot take TERM yet (in disk sleep)");
}

TEST(Effects, TellThatThreadsLiveOnWithoutTheirLeader) {
  plan::ProcessForecast process = samples::process(7, "x", {Effect::dies});
  process.leader_ended = true;
  process.nr_threads = 4;  // the ended leader is one of them
  EXPECT_EQ(said_of(process), "dies (its leader ended, 3 threads live)");
}

TEST(Zombies, NameWhoHasNotWaitedForThem) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  World& world = forecast.before;
  const TaskIndex lazy = world.add_process(Pid(6), {});
  world[lazy].comm = "lazy";
  const TaskIndex zombie = world.add_process(Pid(7), lazy);
  world.signal_of(zombie).start = id(7).start;
  add(forecast, process(7, "x", {Effect::already_ended}));
  EXPECT_TRUE(says(plan_text(forecast, ascii()),
                   "  7 x  zombie already; stays until 6 lazy waits for it\n"));
}

TEST(Zombies, AreNoPlan) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  add(forecast, process(7, "x", {Effect::already_ended}));
  EXPECT_EQ(plan_text(forecast, ascii()), R"(Nothing to end but zombies: 7 x

  7 x  zombie already
)");
}

plan::Forecast herd(int workers) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  const std::size_t master = add(forecast, process(100, "master", {Effect::dies}));
  for (int i = 0; i < workers; ++i)
    add_below(forecast, master, process(4243 + i, "worker", {Effect::handler, Effect::dies}));
  return forecast;
}

TEST(Herds, AreFolded) {
  plan::Forecast forecast = herd(9'991);
  forecast.summary_only = true;
  EXPECT_EQ(plan_text(forecast, ascii()),
            R"(Ends 100 master and 9,991 descendants: TERM, KILL after 10 s

  100 master      dies
  |- 4243 worker  its handler decides, else KILL after 10 s
  `- ... and 9,990 more like 4243 worker

Not read      open files and memory of 9,992 processes (--verbose reads them)
)");
}

TEST(Herds, ThatFitOnAScreenAreNotFolded) {
  EXPECT_EQ(times(plan_text(herd(39), ascii()), " worker "), 39U);
}

TEST(Herds, AreToldOneByOneWhereEverythingIsAskedFor) {
  Style style = ascii();
  style.verbose = true;
  EXPECT_EQ(times(plan_text(herd(500), style), " worker "), 500U);
}

TEST(Herds, DoNotHideTheOneThatIsDifferent) {
  plan::Forecast forecast = herd(5'000);
  forecast.processes[3'000] =
      process(9'999, "worker", {Effect::not_permitted, Effect::not_permitted});
  forecast.processes[3'000].depth = 1;
  forecast.processes[3'000].parent = 0;
  forecast.processes[3'000].role = Role::descendant;
  const std::string text = plan_text(forecast, ascii());
  EXPECT_TRUE(says(text, "Not sure to end: 1 of 5,001\n  9999: not permitted\n"));
  EXPECT_TRUE(says(text, "`- 9999 worker  not permitted\n"));
  EXPECT_TRUE(says(text, "... and 4,998 more like 4243 worker\n"));
}

TEST(Herds, OfWholeTreesAreFoldedWithWhatIsBelow) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  const std::size_t master = add(forecast, process(1, "master", {Effect::dies}));
  for (int i = 0; i < 100; ++i) {
    const std::size_t shell =
        add_below(forecast, master, process(10 + 3 * i, "sh", {Effect::dies}));
    add_below(forecast, shell, process(11 + 3 * i, "cat", {Effect::dies}));
    add_below(forecast, shell, process(12 + 3 * i, "tee", {Effect::dies}));
  }
  EXPECT_TRUE(says(plan_text(forecast, ascii()), R"(
  1 master
  |- 10 sh
  |  |- 11 cat
  |  `- 12 tee
  `- ... and 99 more like 10 sh, each with 2 descendants
)"));
}

TEST(Herds, OfMotleyNamesEndInACountOfTheRest) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  for (int i = 0; i < 1'500; ++i)
    add(forecast, process(i + 1, "job" + std::to_string(i), {Effect::dies}));
  const std::string text = plan_text(forecast, ascii());
  EXPECT_TRUE(says(text, "Ends 1,500 processes: TERM, KILL after 10 s\n"));
  EXPECT_TRUE(says(text, "  39 job38\n  ... and 1,461 more processes (--verbose shows all)\n"));
  EXPECT_FALSE(says(text, "job39"));
}

TEST(Depth, BeyondWhatFitsIsToldInWords) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  std::size_t last = add(forecast, process(100, "x", {Effect::dies}));
  for (int i = 1; i < 20; ++i)
    last = add_below(forecast, last, process(100 + i, "x", {Effect::dies}));
  EXPECT_TRUE(says(plan_text(forecast, ascii()), "`- 119 x  (child of 118)\n"));
}

TEST(Lists, AreFoldedAfterFive) {
  plan::Forecast forecast = web_server();
  forecast.connections.assign(17, forecast.connections.front());
  const std::string text = plan_text(forecast, ascii());
  EXPECT_EQ(times(text, " <-> "), 5U);
  EXPECT_TRUE(says(text, "\n              ... and 12 more\n"));
}

TEST(Lists, ThatAreOneLongerAreShownWhole) {
  plan::Forecast forecast = web_server();
  forecast.connections.assign(6, forecast.connections.front());
  const std::string text = plan_text(forecast, ascii());
  EXPECT_EQ(times(text, " <-> "), 6U);
  EXPECT_FALSE(says(text, "... and"));
}

TEST(Names, ThatAreTooLongAreCutAndNumbersAreNot) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  add(forecast, process(4'194'303, std::string(300, 'n'), {Effect::dies}));
  const std::string name = std::string(29, 'n') + "...";
  EXPECT_TRUE(says(plan_text(forecast, ascii()), "Ends 4194303 " + name + ": TERM"));
}

TEST(Names, AreShownHarmlessly) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  add(forecast, process(7, "evil\n  8 good) \x1b[2J\xff", {Effect::dies}));
  EXPECT_TRUE(says(plan_text(forecast, ascii()), "  7 evil\\n \\x208 good) \\x1b[2J\\xff  dies\n"));
}

TEST(Colour, IsRedForWhatMayNotBeSignalled) {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  add(forecast, process(7, "x", {Effect::not_permitted, Effect::not_permitted}));
  Style style = ascii();
  style.colour = true;
  EXPECT_TRUE(says(plan_text(forecast, style), "\x1b[31mnot permitted\x1b[0m\n"));
}

}  // namespace
}  // namespace knell::report
