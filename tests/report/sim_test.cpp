/// Scenarios told: what stands on the page, that it fits, and that docs/sim.schema.json describes
/// the document.

#include "knell/report/sim.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "knell/report/unicode.hpp"
#include "knell/script/parse.hpp"
#include "schema.hpp"

namespace knell::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

/// A scenario and how it went.
struct Played {
  explicit Played(std::string the_text, const script::Settings& settings = {})
      : text(std::move(the_text)),
        parsed(script::parse_all(text, "test")),
        simulation(script::simulate(parsed.script, settings)) {
    for (const Error& error : parsed.errors) ADD_FAILURE() << error.message();
  }
  [[nodiscard]] Sim sim(bool functions = false, bool world = false) const {
    return {parsed.script, simulation, text, "test.knell", functions, world};
  }
  [[nodiscard]] std::string page(bool world = false) const {
    return sim_text(sim(false, world), Style{});
  }
  [[nodiscard]] Json document(bool world = false) const {
    return Json::parse(sim_json(sim(false, world)));
  }

  std::string text;
  script::Parsed parsed;
  script::Simulation simulation;
};

/// What is told of the last line of a scenario.
std::string told_of_last(const std::string& scenario) {
  const Played played(scenario);
  const std::string page = played.page();
  const auto line = std::to_string(played.parsed.script.steps.back().at.line);
  const std::size_t begin = page.rfind("\n" + std::string(4 - line.size(), ' ') + line + "  ");
  return page.substr(begin + 1, page.rfind("\n\n") - begin);
}

TEST(Page, BeginsWithTheStoryAndEndsWithTheVerdict) {
  const std::string page =
      Played("# A title.\n#\n# And a story.\n\ninit: fork -> job = job  # aside\n").page();
  EXPECT_EQ(page,
            "A title.\n\nAnd a story.\n\n"
            "   5  init: fork -> job = job # aside\n"
            "        init makes job, pid 2\n"
            "\n"
            "As expected: 1 expectation, in 1 step.\n");
}

TEST(Page, TellsWhoSentWhatToWhomAndWhatCameOfIt) {
  const std::string job = "init: fork -> job\n";
  EXPECT_EQ(told_of_last(job + "job: sigaction TERM returns\ninit: kill job TERM\n"),
            "   3  init: kill job TERM\n"
            "        init sends TERM to job\n"
            "        job's handler for TERM runs\n"
            "        job leaves its handler for TERM\n");
  EXPECT_EQ(told_of_last(job + "job: block TERM\ninit: kill job TERM\n"),
            "   3  init: kill job TERM\n"
            "        init sends TERM to job: it waits, blocked\n"
            "        → job: pending for all TERM (was: none)\n");
  EXPECT_THAT(told_of_last(job + "job: block TERM\ninit: kill job TERM\ninit: kill job TERM\n"),
              HasSubstr("init sends TERM to job: it waits there already, once is enough\n"));
  EXPECT_THAT(told_of_last(job + "init: kill job STOP\ninit: kill job TSTP\n"),
              HasSubstr("init sends TSTP to job: it waits\n"));
  EXPECT_THAT(told_of_last(job + "job: sigaction TERM ignore\ninit: kill job TERM\n"),
              HasSubstr("init sends TERM to job: ignored\n"));
  EXPECT_THAT(told_of_last(job + "job: kill init TERM\n"),
              HasSubstr("job sends TERM to init: dropped, an init takes only what it catches\n"));
  EXPECT_THAT(told_of_last(job + "job: kill job TERM\n"), HasSubstr("job sends TERM to itself\n"));
  EXPECT_THAT(told_of_last("user alice 1001\n" + job +
                           "job: setresuid alice alice alice\njob: kill init TERM\n"),
              HasSubstr("job may not send TERM to init\n        kill returns EPERM to job\n"));
}

TEST(Page, TellsHowAProcessEnds) {
  const std::string job = "init: fork -> job\n";
  EXPECT_EQ(told_of_last(job + "init: kill job TERM\n"),
            "   2  init: kill job TERM\n"
            "        init sends TERM to job\n"
            "        the end of job is decided: killed TERM\n"
            "        job has ended (killed TERM)\n"
            "        init gets CHLD, for job has ended: ignored\n");
  EXPECT_THAT(told_of_last(job + "job: thread -> worker\nworker: exit_group 2\n"),
              testing::AllOf(HasSubstr("the end of job is decided: exited 2; its threads get KILL"),
                             HasSubstr("the thread worker is gone")));
  EXPECT_THAT(told_of_last("init: sigaction CHLD ignore\n" + job + "job: exit\n"),
              testing::AllOf(HasSubstr("init does not want to be told that job has ended"),
                             HasSubstr("job is gone: nobody has to wait for it")));
  EXPECT_EQ(told_of_last(job + "job: exit_group 3\ninit: wait = job exited 3\n"),
            "   3  init: wait = job exited 3\n"
            "        job is gone: init has waited for it\n");
  EXPECT_THAT(told_of_last(job + "job: fork -> child\njob: exit_group\n"),
              HasSubstr("child becomes a child of init"));
}

TEST(Page, TellsOfTerminalsTimersAndLocks) {
  EXPECT_THAT(told_of_last("tty\ninit: fork -> shell\nshell: setsid\nshell: open_tty\ntype ^C\n"),
              testing::AllOf(HasSubstr("the terminal sends INT to its foreground"),
                             HasSubstr("the kernel sends INT to shell")));
  EXPECT_THAT(told_of_last("init: fork -> job\njob: setitimer 50ms\npass 60ms\n"),
              testing::AllOf(HasSubstr("the timer of job is due"),
                             HasSubstr("the kernel sends ALRM to job")));
  EXPECT_THAT(told_of_last("init: fork -> job\njob: lock 3\ninit: kill job KILL\n"),
              testing::AllOf(HasSubstr("lock 3 is marked: its owner, job, died"),
                             HasSubstr("→ lock 3: free, its owner died (was: held by job)")));
  EXPECT_THAT(told_of_last("init: fork -> job\noom job\n"),
              HasSubstr("the OOM killer chooses job"));
}

TEST(Page, TellsWhatIsNotAsExpected) {
  const std::string page = Played(
                               "init: fork -> job\nexpect job stopped, runs\n"
                               "init: kill job 0 = ESRCH\n")
                               .page();
  EXPECT_THAT(page, HasSubstr("expected: job stopped\n        found: job runs\n"));
  EXPECT_THAT(page, HasSubstr("expected: kill job 0 = ESRCH\n        found: kill returned 0\n"));
  EXPECT_THAT(page, testing::EndsWith("Not as expected: 2 of 3 expectations, in 3 steps.\n"));
}

TEST(Page, TellsWhyItGoesNoFurther) {
  const std::string page = Played("init: fork -> job\njob: pause\njob: pause\n").page();
  EXPECT_THAT(page, HasSubstr("It goes no further: line 3: job cannot make a call: it is asleep in "
                              "pause\n"));
}

TEST(Page, ShowsTheKernelsFunctionsAsACallTree) {
  const Played played("init: fork -> job\ninit: kill job TERM\n", {.functions = true});
  const std::string page = sim_text(played.sim(true), Style{});
  // kernel/signal.c: kill_something_info calls kill_pid_info, which calls group_send_sig_info.
  const std::size_t something = page.find("  kill_something_info\n");
  const std::size_t pid = page.find("    kill_pid_info\n");
  const std::size_t group = page.find("      group_send_sig_info (job)\n");
  ASSERT_NE(something, std::string::npos) << page;
  EXPECT_LT(something, pid);
  EXPECT_LT(pid, group);
  EXPECT_THAT(page, HasSubstr("check_kill_permission"));
}

TEST(Page, ShowsTheWorldAtTheEnd) {
  const std::string page = Played(R"(tty
init: fork -> shell
shell: setsid
shell: open_tty
shell: fork -> job
job: block TERM
job: thread -> worker
worker: pause
job: sigaction INT returns
init: kill job TERM
init: tkill job TERM
shell: fork -> dead
dead: exit_group 3
pass 5ms
)")
                               .page(true);
  EXPECT_THAT(page, HasSubstr("The World at the end (Linux 6.18.44, 5 ms)\n"));
  EXPECT_THAT(page, HasSubstr("\n  shell        runs; pid 2; parent init; group shell; session "
                              "shell; terminal\n               tty 0; open 3 tty\n"));
  EXPECT_THAT(page, HasSubstr("\n  job          runs; pid 3; parent shell; group shell; session "
                              "shell; threads 2;\n"));
  EXPECT_THAT(page, HasSubstr("catches INT; pending for all TERM"));
  EXPECT_THAT(page, HasSubstr("\n    worker     in pause; pid 4; blocks TERM\n"));
  EXPECT_THAT(page, HasSubstr("\n  dead         zombie exited 3; pid 5"));
  EXPECT_THAT(page, HasSubstr("\n  tty 0        session shell; foreground shell\n"));
}

TEST(Page, TakesHostileCommentsApart) {
  const std::string page =
      Played("# \x1b[31m\xff\n\n# \x1b]0;x\x07\ninit: pause # \x1b[2J\n").page();
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.find('\x07'), std::string::npos);
  EXPECT_EQ(page.find('\xff'), std::string::npos);
}

std::vector<std::string> shipped() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(KNELL_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".knell") continue;
    std::ifstream file(entry.path());
    all.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return all;
}

TEST(Page, FitsItsTerminalInPlainAsciiToo) {
  ASSERT_GE(shipped().size(), 6U);
  for (const std::string& text : shipped()) {
    const Played played(text, {.functions = true});
    for (const std::size_t width : {60U, 80U, 200U}) {
      const std::string page = sim_text(played.sim(true, true), {.unicode = false, .width = width});
      for (std::size_t begin = 0; begin < page.size();) {
        const std::size_t end = page.find('\n', begin);
        EXPECT_LE(end - begin, width) << page.substr(begin, end - begin);
        begin = end + 1;
      }
      EXPECT_TRUE(
          std::ranges::all_of(page, [](char c) { return c == '\n' || (c >= ' ' && c < 127); }));
    }
  }
}

TEST(Page, HasColourOnlyWhereTheStyleDoes) {
  const Played played("init: fork -> job\nexpect job stopped\n");
  EXPECT_EQ(played.page().find('\x1b'), std::string::npos);
  EXPECT_THAT(sim_text(played.sim(), {.colour = true}), HasSubstr("\x1b[31m"));
}

TEST(Document, HasTheStepsWithTheirEventsChangesAndFailures) {
  const Json document = Played(
                            "# Title\n\ninit: fork -> job # aside\n# remark\n"
                            "job: block TERM\ninit: kill job TERM\nexpect job runs, stopped\n")
                            .document();
  EXPECT_EQ(document["schema"], "knell-sim/1");
  EXPECT_EQ(document["linux"], "6.18.44");
  EXPECT_EQ(document["story"], Json({"Title"}));
  const Json& steps = document["steps"];
  EXPECT_EQ(steps[0]["aside"], "aside");
  EXPECT_EQ(steps[1]["remarks"], Json({"remark"}));
  EXPECT_EQ(steps[1]["changes"], Json::parse(R"([{"who": "job", "what": "blocks", "from": "none",
                                                  "to": "TERM"}])"));
  const auto sent = std::ranges::find_if(
      steps[2]["events"], [](const Json& event) { return event["kind"] == "signal_generate"; });
  ASSERT_NE(sent, steps[2]["events"].end());
  EXPECT_EQ((*sent)["task"], Json::parse(R"({"name": "job", "pid": 2})"));
  EXPECT_EQ((*sent)["other"]["name"], "init");
  EXPECT_EQ((*sent)["signal"], "TERM");
  EXPECT_EQ((*sent)["text"], "init sends TERM to job: it waits, blocked");
  EXPECT_EQ(steps[3]["unmet"], Json::parse(R"([{"line": 7, "column": 18,
      "expected": "job stopped", "found": "job runs"}])"));
  EXPECT_TRUE(document["world"].is_null());
  EXPECT_EQ(document["verdict"], Json::parse(R"({"steps": 4, "expectations": 2, "unmet": 1})"));
}

TEST(Document, HasTheWorldWhereItIsAskedFor) {
  const Json world =
      Played("init: fork -> job\njob: block TERM\npass 7ms\n").document(true)["world"];
  EXPECT_EQ(world["milliseconds"], 7);
  EXPECT_EQ(world["tasks"][1]["name"], "job");
  EXPECT_EQ(world["tasks"][1]["traits"]["blocks"], "TERM");
}

class SimSchema : public samples::Schema {
protected:
  SimSchema() : samples::Schema("sim.schema.json") {}

  static std::string document(const std::string& text, bool functions, bool world) {
    const Played played(text, {.functions = functions});
    return sim_json(played.sim(functions, world));
  }
};

TEST_F(SimSchema, DescribesEveryDocument) {
  std::vector<std::string> all;
  for (const std::string& text : shipped()) {
    const bool functions = all.size() < 3;  // their documents are large, and Python takes its time
    all.push_back(document(text, functions, true));
  }
  all.push_back(document("", false, false));
  all.push_back(
      document("# \x1b\xff\ninit: pause # \xff\nexpect init runs\ninit: pause", true, true));
  EXPECT_EQ(check("plain", all), "ok 0\n");
}

TEST_F(SimSchema, RefusesADocumentWithAMemberTakenAddedOrOfAnotherType) {
  const std::string said =
      check("mutate", {document("# Story\n\ntty\n# remark\ninit: fork -> a # aside\n"
                                "a: thread -> b = 5\nb: pause\nb: pause\n",
                                false, true)});
  ASSERT_TRUE(said.starts_with("ok ")) << said;
  EXPECT_GT(std::stoi(said.substr(3)), 400) << said;
}

}  // namespace
}  // namespace knell::report
