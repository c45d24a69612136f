/// `knell sim`: exit statuses, and what goes where.

#include <fstream>

#include <nlohmann/json.hpp>

#include "knell.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {
namespace {

constexpr const char* kHolds = "init: fork -> job\n\njob: block TERM = 0\n\nexpect job runs\n";

class Sim : public testing::Test {
protected:
  Ran sim(const std::string& scenario, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"sim", "-"});
    return knell(arguments, {.typed = scenario});
  }
};

TEST_F(Sim, EndsWith0IfAllIsAsExpected) {
  const Ran ran = sim(kHolds);
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("As expected: 2 expectations, in 3 steps.\n"));
  EXPECT_EQ(ran.err, "");
}

TEST_F(Sim, EndsWith1IfSomethingIsNot) {
  const Ran ran = sim("init: fork -> job\nexpect job stopped\n");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("expected: job stopped\n        found: job runs\n"));
}

TEST_F(Sim, EndsWith2IfItWasNotUnderstoodAndSaysWhere) {
  const Ran ran = sim("init: fork -> job\ninit: kil job TERM\nexpect jb runs\n");
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "knell: -:2:7: 'kil' is no call (did you mean kill?)\n"
            "knell: -:3:8: nobody is called 'jb' (did you mean job?)\n");
}

TEST_F(Sim, EndsWith2IfItCannotGoOn) {
  const Ran ran = sim("init: pause\ninit: pause\n");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("line 2: init cannot make a call: it is asleep in pause"));
  EXPECT_THAT(ran.out, HasSubstr("init: pause"));
}

TEST_F(Sim, ReadsAFileAndSaysIfItCannot) {
  const TemporaryDirectory folder;
  const std::string path = folder.path() / "a.knell";
  std::ofstream(path) << kHolds;
  EXPECT_EQ(knell({"sim", path}).status, 0);
  const Ran ran = knell({"sim", path + ".not"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("No such file or directory"));
  EXPECT_THAT(knell({"sim", folder.path().string()}).err, HasSubstr("Is a directory"));
}

TEST_F(Sim, StopsBehindALine) {
  EXPECT_THAT(sim(kHolds, {"--until", "3"}).out, HasSubstr("1 expectation, in 2 steps."));
  EXPECT_THAT(sim(kHolds, {"--until", "2"}).out, HasSubstr("1 step, and nothing was expected"));
  EXPECT_EQ(sim(kHolds, {"--until", "0"}).status, 2);
}

TEST_F(Sim, ShowsFunctionsAndTheWorldOnRequest) {
  EXPECT_THAT(sim(kHolds).out, Not(HasSubstr("copy_process")));
  EXPECT_THAT(sim(kHolds, {"--steps"}).out, HasSubstr("copy_process"));
  EXPECT_THAT(sim(kHolds).out, Not(HasSubstr("The World at the end")));
  EXPECT_THAT(sim(kHolds, {"--world"}).out,
              HasSubstr("The World at the end (Linux 6.18.44, 0 ms)"));
}

/// pidfd_send_signal(2): since Linux 5.1.
TEST_F(Sim, ImitatesTheVersionThatIsAskedFor) {
  const std::string scenario = "init: fork -> job\ninit: pidfd_send_signal job 0 = ENOSYS\n";
  EXPECT_EQ(sim(scenario).status, 1);
  EXPECT_EQ(sim(scenario, {"--linux", "3.10"}).status, 0);
  EXPECT_EQ(sim("version 3.10\n" + scenario).status, 0);
  EXPECT_EQ(sim("version 3.10\n" + scenario, {"--linux", "6.12"}).status, 1);
  const Ran ran = sim(scenario, {"--linux", "2.4"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("3.10, 3.16, 5.10, 6.1, 6.12, 6.18"));
}

TEST_F(Sim, PrintsOneJsonDocument) {
  const Ran ran = sim(kHolds, {"--json", "--world"});
  EXPECT_EQ(ran.status, 0);
  const auto document = nlohmann::json::parse(ran.out);
  EXPECT_EQ(document["schema"], "knell-sim/1");
  EXPECT_EQ(document["file"], "-");
  EXPECT_EQ(document["world"]["tasks"].size(), 2U);
  const Ran stuck = sim("init: pause\ninit: pause\n", {"--json"});
  EXPECT_EQ(stuck.status, 2);
  EXPECT_THAT(nlohmann::json::parse(stuck.out)["error"].get<std::string>(),
              HasSubstr("asleep in pause"));
}

TEST_F(Sim, SaysOnlyWhatIsWrongWithQuiet) {
  EXPECT_EQ(sim(kHolds, {"--quiet"}).out, "");
  const Ran ran = sim("init: fork -> job\nexpect job stopped\n", {"--quiet"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "knell: -:2:12: expected job stopped, found job runs\n");
}

TEST_F(Sim, HasColourOnlyIfAsked) {
  EXPECT_THAT(sim(kHolds).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(sim(kHolds, {"--color", "always"}).out, HasSubstr("\x1b["));
}

TEST_F(Sim, TakesHostileNamesAndBytesApart) {
  const Ran ran = knell({"sim", "/nowhere/\x1b[31m"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, Not(HasSubstr("\x1b")));
  const Ran bytes = sim("\x1b[2J: pause\n");
  EXPECT_EQ(bytes.status, 2);
  EXPECT_THAT(bytes.err, Not(HasSubstr("\x1b")));
}

TEST_F(Sim, IsInTheHelp) {
  EXPECT_THAT(knell({"--help"}).out, HasSubstr("sim "));
  EXPECT_THAT(knell({"sim", "--help"}).out, HasSubstr("--until LINE"));
  EXPECT_EQ(knell({"sim"}).status, 2);
}

}  // namespace
}  // namespace knell::test
