/// Whole scripts: what stands where, and what is said of mistakes.

#include "knell/script/parse.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace knell::script {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kWhole = R"(# A shell ends its job.
#
# And says so.

version 5.10
user alice 1001
tty 2

# The job blocks TERM.
init: fork -> job    # the child
job: setresuid alice alice alice = 0

init: kill job TERM
expect job pending TERM, user alice
# That is all.
)";

TEST(Parse, OfAWholeScript) {
  const Result<Script> script = parse(kWhole);
  ASSERT_TRUE(script) << script.error().message();
  EXPECT_THAT(script->story, ElementsAre("A shell ends its job.", "", "And says so."));
  EXPECT_EQ(script->version, kernel::KernelVersion::v5_10);
  EXPECT_THAT(script->users, ElementsAre(User{"alice", Uid(1001)}));
  EXPECT_EQ(script->ttys, 2U);
  ASSERT_EQ(script->steps.size(), 4U);
  EXPECT_THAT(script->steps[0].remarks, ElementsAre("The job blocks TERM."));
  EXPECT_EQ(script->steps[0].aside, "the child");
  EXPECT_EQ(std::get<CallStep>(script->steps[0].what).makes, "job");
  const CallStep& setresuid = std::get<CallStep>(script->steps[1].what);
  EXPECT_EQ(setresuid.arguments[2].kind, Argument::Kind::user);
  EXPECT_EQ(setresuid.arguments[2].value, 1001);
  EXPECT_EQ(std::get<ExpectStep>(script->steps[3].what).facts.size(), 2U);
  EXPECT_THAT(script->last_remarks, ElementsAre("That is all."));
}

TEST(Parse, KnowsWhereEverythingStands) {
  const Result<Script> script = parse(kWhole);
  ASSERT_TRUE(script);
  EXPECT_EQ(script->steps[0].at.line, 10U);
  EXPECT_EQ(script->steps[3].at.line, 14U);
  const CallStep& kill = std::get<CallStep>(script->steps[2].what);
  EXPECT_EQ(kill.call_at.line, 13U);
  EXPECT_EQ(kill.call_at.column, 7U);
  EXPECT_EQ(kill.arguments[0].at.column, 12U);
  EXPECT_EQ(kill.arguments[1].at.column, 16U);
  const ExpectStep& expect = std::get<ExpectStep>(script->steps[3].what);
  EXPECT_EQ(expect.subject_at.column, 8U);
  EXPECT_EQ(expect.facts[1].at.column, 26U);
}

TEST(Parse, TakesBlanksTabsAndCarriageReturns) {
  const Result<Script> script =
      parse("\r\n  init:\tfork   ->job \r\n\tinit: kill  job  TERM =0\r\n");
  ASSERT_TRUE(script) << script.error().message();
  EXPECT_EQ(std::get<CallStep>(script->steps[0].what).makes, "job");
  EXPECT_EQ(std::get<CallStep>(script->steps[1].what).result->value, 0);
}

TEST(Parse, AnEmptyScriptIsOne) {
  EXPECT_EQ(parse(""), Script());
  EXPECT_EQ(parse("\n\n#\n"), Script());
}

TEST(Parse, ALastLineNeedsNoNewline) {
  const Result<Script> script = parse("init: pause");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->steps.size(), 1U);
}

/// The message for a script with one mistake, which must be the only one that is told.
std::string message(std::string_view text) {
  const Parsed parsed = parse_all(text, "a.knell");
  EXPECT_EQ(parsed.errors.size(), 1U) << text;
  return parsed.errors.empty() ? "" : parsed.errors.front().message();
}

TEST(Mistakes, AreToldWithLineAndColumn) {
  EXPECT_EQ(message("init: fork -> job\ninit: kill jbo TERM\n"),
            "a.knell:2:12: nobody is called 'jbo' (did you mean job?)");
  EXPECT_EQ(message("init: fork -> job\n\n  init: kil job TERM\n"),
            "a.knell:3:9: 'kil' is no call (did you mean kill?)");
  EXPECT_EQ(message("init: kill init TREM"),
            "a.knell:1:17: 'TREM' is no signal (it goes: kill TASK SIGNAL)");
  EXPECT_EQ(message("init: kill init"),
            "a.knell:1:16: the end of the line is no signal (it goes: kill TASK SIGNAL)");
}

struct Wrong {
  const char* text;
  std::uint32_t line, column;
  const char* says;
};

TEST(Mistakes, OfEveryKind) {
  for (const Wrong& wrong : {
           Wrong{"init kill init TERM", 1, 1, "begins no step"},
           {"init:kill init TERM", 1, 1, "a blank must follow the colon"},
           {"Init: pause", 1, 1, "not a task's name"},
           {"init: kill init TERM now", 1, 22, "'now' is too much"},
           {"init: kill init term", 1, 17, "'term' is no signal"},
           {"init: kill INIT TERM", 1, 12, "neither a task's name nor a number"},
           {"init: sigaction TERM runs", 1, 22, "none of default, ignore"},
           {"init: sigaction TERM returns loop", 1, 30, "too much"},
           {"init: block", 1, 12, "is no signal"},
           {"init: block TERM 65", 1, 18, "too much"},
           {"init: sleep 100", 1, 13, "span of time"},
           {"init: pause -> job", 1, 13, "pause makes no task"},
           {"init: fork ->", 1, 14, "a name for the new task"},
           {"init: fork -> none", 1, 15, "'none' cannot be a name"},
           {"init: fork -> init", 1, 7, "there is a task 'init' already"},
           {"init: fork -> a\ninit: fork -> a", 2, 7, "there is a task 'a' already (since line 1)"},
           {"init: pause =", 1, 14, "is no result"},
           {"init: pause = ENOTHING", 1, 15, "is no result"},
           {"init: wait = job killed TERM", 1, 14, "nobody is called 'job'"},
           {"init: wait = init exited 256", 1, 26, "an exit code is 0 to 255"},
           {"init: sigpending = {TERM", 1, 25, "is not '}'"},
           {"init: setresuid bob 0 0", 1, 17, "'bob' is no user"},
           {"init: clone exit=NOPE -> a", 1, 13, "names no signal"},
           {"init: clone FROG -> a", 1, 13, "too much"},
           {"init: raw frobnicate 1", 1, 11, "no call of Linux'"},
           {"init: raw kill what? 1", 1, 16, "neither a task's name nor a number"},
           {"init: flock 3", 1, 14, "none of shared, exclusive"},
           {"init: rt_sigqueueinfo init USR1 USER", 1, 33, "is not 'code'"},
           {"type ^D", 1, 6, "is no key"},
           {"type ^C", 1, 1, "there is no terminal 0 (before the first step: tty)"},
           {"tty\ntype ^C tty 1", 2, 1, "there is no terminal 1 (before the first step: tty 2)"},
           {"hangup tty x", 1, 12, "a terminal's number"},
           {"oom", 1, 4, "a task's name"},
           {"oom job", 1, 5, "nobody is called 'job'"},
           {"pass", 1, 5, "no span of time"},
           {"pass -1ms", 1, 6, "no span of time"},
           {"pass 3601s", 1, 6, "an hour at most"},
           {"expect job gone", 1, 8, "nobody is called 'job'"},
           {"expect init", 1, 12, "nothing to expect here"},
           {"expect init sleeping", 1, 13, "nothing to expect here"},
           {"expect init stoped", 1, 13, "did you mean stopped?"},
           {"expect init runs stopped", 1, 18, "too much"},
           {"expect init runs,", 1, 18, "nothing to expect here"},
           {"expect init parent job", 1, 20, "nobody is called 'job'"},
           {"expect init handled TERM INT from init", 1, 30, "only of one signal"},
           {"expect init zombie stopped TERM", 1, 20, "not how a process ends"},
           {"expect init in hurry", 1, 16, "is no call"},
           {"expect lock 8 free", 1, 13, "there are 8 locks, 0 to 7"},
           {"expect lock 0 runs", 1, 15, "nothing to expect here"},
           {"version 2.4", 1, 9, "no version of Linux that knell models"},
           {"init: pause\nversion 6.12", 2, 1, "stands before the first step"},
           {"user alice", 1, 11, "is not a uid"},
           {"user alice 4294967295", 1, 12, "a uid is 0 to"},
           {"user alice 1\nuser alice 2", 2, 6, "there is a user 'alice' already"},
           {"tty 9", 1, 5, "there can be 1 to 8 terminals"},
           {"tty many", 1, 5, "is not a number"},
       }) {
    const std::string said = message(wrong.text);
    const std::string place =
        "a.knell:" + std::to_string(wrong.line) + ":" + std::to_string(wrong.column) + ": ";
    EXPECT_TRUE(said.starts_with(place)) << wrong.text << "\n" << said;
    EXPECT_THAT(said, HasSubstr(wrong.says)) << wrong.text;
  }
}

TEST(Mistakes, AreAllToldAtOnce) {
  const Parsed parsed = parse_all("init: paus\ninit: fork -> a\nb: pause\nexpect a sleepy\n", "f");
  ASSERT_EQ(parsed.errors.size(), 3U);
  EXPECT_THAT(parsed.errors[0].message(), HasSubstr("f:1:7:"));
  EXPECT_THAT(parsed.errors[1].message(), HasSubstr("f:3:1:"));
  EXPECT_THAT(parsed.errors[2].message(), HasSubstr("f:4:10:"));
}

TEST(Names, AreThoseOfTheWriter) {
  for (const char* name : {"a", "job", "worker_2", "my-job", "aB9"}) EXPECT_TRUE(is_name(name));
  for (const char* word : {"", "A", "9a", "_a", "a.b", "a:b", "nobody", "any", "kernel", "expect"})
    EXPECT_FALSE(is_name(word)) << word;
}

}  // namespace
}  // namespace knell::script
