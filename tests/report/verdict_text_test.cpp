/// Verdicts and progress as they are read, written out by hand.

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

plan::Forecast two_steps() {
  plan::Forecast forecast;
  forecast.steps = term_then_kill();
  return forecast;
}

std::string last_line(const plan::Verdict& verdict) {
  Style style = ascii();
  style.width = 300;
  std::string text = verdict_text(two_steps(), verdict, style);
  text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

plan::Verdict all_gone() {
  plan::Verdict verdict;
  verdict.outcome.processes = {ended(7, "x", WaitStatus::killed(signals::kTerm), 12ms),
                               ended(8, "y", WaitStatus::exited(0), 80ms)};
  verdict.outcome.took = 80ms;
  return verdict;
}

TEST(Verdict, BeginsWithTheSurvivorsAndEndsInASentence) {
  EXPECT_EQ(verdict_text(two_steps(), one_of_each(), ascii()),
            R"(Survived      4244 stubborn: in uninterruptible sleep (D) in nfs_wait
Not permitted 4245 daemon
Ended         4242 web-parent: killed by TERM after 12 ms
              4243 worker: exit status 0 after 80 ms
              4250 late (born meanwhile): killed by SEGV, core dumped after
              10.2 s
Ended before  4246 gone: still a zombie (300 lazy has not waited for it)
Unforeseen    4244 stubborn: foretold: dies of KILL; came: it lives
Memory        about 3.1 GiB more is available on the machine

Survived: 1 of 6 (4244 stubborn); not permitted: 1 (4245 daemon); gone: 4 in
  15.2 s.
)");
}

TEST(Verdict, OfACleanEndIsOneLineEach) {
  EXPECT_EQ(verdict_text(two_steps(), all_gone(), ascii()),
            R"(Ended         7 x: killed by TERM after 12 ms
              8 y: exit status 0 after 80 ms

Gone: 2 of 2 in 80 ms.
)");
}

TEST(Verdict, SaysWhatTheKernelDidNotTell) {
  plan::Verdict verdict = all_gone();
  verdict.outcome.processes[0].status.reset();
  EXPECT_NE(verdict_text(two_steps(), verdict, ascii())
                .find("7 x: ended after TERM, how is not known after 12 ms"),
            std::string::npos);
}

TEST(TheLastLine, NamesASingleProcess) {
  plan::Verdict verdict = all_gone();
  verdict.outcome.processes.pop_back();
  EXPECT_EQ(last_line(verdict), "Gone: 7 x in 80 ms.");
}

TEST(TheLastLine, CountsZombies) {
  plan::Verdict verdict = all_gone();
  verdict.outcome.processes[0].zombie = true;
  EXPECT_EQ(last_line(verdict), "Gone: 2 of 2 in 80 ms; 1 still a zombie.");
}

TEST(TheLastLine, DoesNotClaimThatAllAreGoneWhereSomeMayHaveBeenMissed) {
  plan::Verdict verdict = all_gone();
  verdict.outcome.may_have_missed = true;
  EXPECT_EQ(last_line(verdict),
            "Not sure: 2 of 2 in 80 ms; more may live that were not found: run it again.");
}

TEST(TheLastLine, TellsWhatLivedOn) {
  plan::Verdict verdict = all_gone();
  verdict.outcome.processes[1] = living(8, "y", Fate::survived, "");
  verdict.outcome.took = 15s;
  EXPECT_EQ(last_line(verdict), "Survived: 1 of 2 (8 y); gone: 1 in 15 s.");
}

TEST(TheLastLine, TellsWhereAPersonStoppedIt) {
  plan::Verdict verdict = all_gone();
  verdict.outcome.interrupted = true;
  verdict.outcome.processes[1] = living(8, "y", Fate::survived, "");
  verdict.outcome.processes[1].last_signal = signals::kTerm;
  EXPECT_EQ(last_line(verdict),
            "Interrupted before KILL; survived: 1 of 2 (8 y); gone: 1 in 80 ms.");
  verdict.outcome.processes[1].last_signal = signals::kKill;
  EXPECT_EQ(last_line(verdict),
            "Interrupted while waiting after KILL; survived: 1 of 2 (8 y); gone: 1 in 80 ms.");
}

TEST(TheLastLine, DoesNotClaimAnEndThatWasNotWaitedFor) {
  plan::Verdict verdict;
  verdict.outcome.waited = false;
  verdict.outcome.processes = {living(7, "x", Fate::unknown, ""),
                               living(8, "y", Fate::unknown, "")};
  EXPECT_EQ(last_line(verdict), "Signalled 2, not waited for.");
  verdict.outcome.processes.push_back(living(9, "z", Fate::not_permitted, ""));
  EXPECT_EQ(last_line(verdict), "Signalled 2 of 3, not waited for; not permitted (9 z).");
}

TEST(TheLastLine, OfNothingSaysSo) {
  plan::Verdict verdict;
  EXPECT_EQ(last_line(verdict), "Nothing was ended.");
  verdict.exit = plan::Exit::no_match;
  EXPECT_EQ(last_line(verdict), "Nothing matched.");
}

TEST(Memory, IsToldAsWellAsItIsKnown) {
  const auto memory = [](plan::Freed freed) {
    plan::Verdict verdict = all_gone();
    verdict.outcome.freed = freed;
    const std::string text = verdict_text(two_steps(), verdict, ascii());
    const std::size_t at = text.find("Memory");
    return at == std::string::npos ? "" : text.substr(at + 14, text.find('\n', at) - at - 14);
  };
  using Source = plan::Freed::Source;
  EXPECT_EQ(memory({Source::none, 0}), "");
  EXPECT_EQ(memory({Source::machine, 1 << 20}), "about 1 MiB more is available on the machine");
  EXPECT_EQ(memory({Source::cgroup, 1 << 20}), "1 MiB came back (counted by its cgroup)");
  EXPECT_EQ(memory({Source::machine, -5}), "nothing came back measurably");
  EXPECT_EQ(memory({Source::cgroup, std::int64_t{4} << 30, 72ms}),
            "4 GiB came back (counted by its cgroup), after 72 ms");
  EXPECT_EQ(memory({Source::machine, std::int64_t{1} << 30, 1200ms}),
            "about 1 GiB more is available on the machine, after 1.2 s");
}

TEST(TheWay, IsToldWhereSignalsWereNotAll) {
  const auto way = [](const plan::Verdict& verdict) {
    const std::string text = verdict_text(two_steps(), verdict, ascii());
    const std::size_t at = text.find("\nWay");
    return at == std::string::npos ? "" : text.substr(at + 1, text.find("\n\n", at) - at - 1);
  };
  plan::Verdict verdict = all_gone();
  EXPECT_EQ(way(verdict), "");
  verdict.outcome.released = {id(7)};
  EXPECT_EQ(way(verdict), "Way           process_mrelease of 7");
  verdict.outcome.killed_groups = {"/sys/fs/cgroup/a"};
  verdict.outcome.thawed_groups = {"/sys/fs/cgroup/freezer/b"};
  EXPECT_EQ(way(verdict), R"(Way           cgroup.kill of /sys/fs/cgroup/a
              thawed /sys/fs/cgroup/freezer/b
              process_mrelease of 7)");
}

TEST(Herds, AreToldByHowTheyEnded) {
  plan::Verdict verdict;
  for (int i = 0; i < 9'998; ++i)
    verdict.outcome.processes.push_back(ended(1000 + i, "w", WaitStatus::killed(signals::kTerm),
                                              std::chrono::milliseconds(3 + i % 100)));
  verdict.outcome.processes.push_back(ended(7, "odd", WaitStatus::exited(3), 1s));
  verdict.outcome.took = 2100ms;
  EXPECT_EQ(verdict_text(two_steps(), verdict, ascii()),
            R"(Ended         9,998 processes (1000 w, 1001 w, 1002 w and 9,995 more): killed by
              TERM after 3 ms to 102 ms
              7 odd: exit status 3 after 1 s

Gone: 9,999 of 9,999 in 2.1 s.
)");
}

TEST(Progress, IsOneLine) {
  act::Progress progress{3, 5, signals::kTerm, signals::kKill, 6200ms};
  EXPECT_EQ(progress_text(progress, {}), "TERM sent to 5: 3 gone, 2 left; KILL in 7 s");
  progress = {9'990, 10'000, signals::kKill, {}, 5s};
  EXPECT_EQ(progress_text(progress, {}), "KILL sent to 10,000: 9,990 gone, 10 left; waiting 5 s");
  progress = {5, 5, signals::kTerm, signals::kKill, 6s};
  EXPECT_EQ(progress_text(progress, {}), "TERM sent to 5: all gone");
}

TEST(Progress, LeavesTheLastColumnFree) {
  Style style;
  style.width = 20;
  const act::Progress progress{3, 5, signals::kTerm, signals::kKill, 6200ms};
  EXPECT_EQ(progress_text(progress, style), "TERM sent to 5: 3 …");
}

}  // namespace
}  // namespace knell::report
