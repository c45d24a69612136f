#include "namespace.hpp"

namespace knell::test {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

TEST(Killall, SignalsThoseWithTheName) {
  const Ran ran = script(R"sh(
    start sleep 100; A=$P; start cat /dev/zero >/dev/null; B=$P
    killall -v sleep 2>$D/said; echo $?; ended $A && echo ended
    [ "$(cat $D/said)" = "Killed sleep($A) with signal 15" ] && echo told
    killall slee 2>&1; echo $?; case $(state $B) in R|S|D) echo lives;; esac)sh");
  EXPECT_EQ(ran.out, "0\nended\ntold\nslee: no process found\n1\nlives\n");
}

TEST(Killall, SucceedsOnlyIfEveryNameIsSomebodys) {
  const Ran ran = script(R"sh(
    start sleep 100; killall -0 sleep nobody; echo $?; killall -q -0 nobody; echo $?
    killall -0 sleep; echo $?)sh");
  EXPECT_EQ(ran.out, "1\n1\n0\n");
  EXPECT_EQ(ran.err, "nobody: no process found\n");
}

/// Linux keeps 15 bytes of a name.
TEST(Killall, KnowsLongNamesByTheCommandLine) {
  const Ran ran = script(R"sh(
    cp /bin/sleep $D/a-name-of-many-letters; start $D/a-name-of-many-letters 100
    for name in a-name-of-many-letters a-name-of-many- a-name-of-many-lett; do
      killall -q -0 $name; echo $?
    done
    killall -q -0 -r 'letters$'; echo $?; killall -q -0 -e a-name-of-many-letters; echo $?)sh");
  EXPECT_EQ(ran.out, "0\n1\n1\n0\n0\n");
}

TEST(Killall, KnowsAFileByWhatItIs) {
  const Ran ran = script(R"sh(
    cp /bin/sleep $D/one; cp /bin/sleep $D/two; ln -s $D/one $D/link; start $D/one 100; A=$P
    start $D/two 100; B=$P; killall $D/link; echo $?; ended $A && echo ended; state $B
    killall $D/missing; echo $?)sh");
  EXPECT_EQ(ran.out, "0\nended\nS\n1\n");
  EXPECT_THAT(ran.err, HasSubstr("/missing: No such file or directory\n"));
}

TEST(Killall, IgnoresCaseAndTakesExpressions) {
  const Ran ran = script(R"sh(
    start sleep 100; killall -q -0 SLEEP; echo $?; killall -q -0 -I SLEEP; echo $?
    killall -q -0 -r '^s.*p$'; echo $?; killall -r '(' x; echo $?)sh");
  EXPECT_EQ(ran.out, "1\n0\n0\n1\n");
  EXPECT_EQ(ran.err, "killall: Bad regular expression: (\n");
}

TEST(Killall, SignalsWholeGroups) {
  const Ran ran = script(R"sh(
    cp /bin/sleep $D/member
    setsid sh -c '$D/member 100 & sleep 200 & echo $! >$D/other; exec sleep 300' & L=$!
    until [ "$(cat /proc/$L/comm)" = sleep ] && [ -s $D/other ]; do sleep 0.01; done
    until grep -q '(member)' /proc/[0-9]*/stat 2>/dev/null; do sleep 0.01; done
    killall -v -g member 2>$D/said; echo $?
    ended $L && ended $(cat $D/other) && echo ended
    [ "$(cat $D/said)" = "Killed member(pgid $L) with signal 15" ] && echo told)sh");
  EXPECT_EQ(ran.out, "0\nended\ntold\n");
}

/// The script's own shell is in the group, and leads it.
TEST(Killall, SparesTheCallerInItsGroup) {
  const Ran ran = script(R"sh(
    setsid sh -c 'sleep 100 & echo $! >$D/pid; until [ "$(cat /proc/$!/comm)" = sleep ]; do
      sleep 0.01; done; killall -g sleep; echo "$? and alive"' ; ended $(cat $D/pid) && echo ended)sh");
  EXPECT_EQ(ran.out, "0 and alive\nended\n");
  EXPECT_THAT(ran.err, StartsWith("killall: spared "));
}

TEST(Killall, SparesWhoeverItWasStartedBy) {
  const Ran ran = script("sh -c 'killall sh; echo \"$? and alive\"'; echo $?");
  EXPECT_EQ(ran.out, "1 and alive\n0\n");
  EXPECT_THAT(ran.err, StartsWith("killall: spared 1 (sh), "));
  EXPECT_THAT(ran.err, Not(HasSubstr("no process found")));
  for (const char* style : {"", "procps"}) {
    const bool asked = *style == '\0';
    const Ran hit = script(
        std::string("sh -c 'killall ") + (asked ? "--ancestors" : "") + " sh; echo alive'; echo $?",
        style);
    EXPECT_EQ(hit.out, "143\n") << style;
  }
}

/// The original asks kill(2) once a second whether the number is gone, which a zombie's never is.
TEST(Killall, DoesNotWaitForZombies) {
  const Ran ran = script(R"sh(
    cp /bin/sleep $D/child; sh -c '$D/child 100 & exec sleep 200' & P=$!
    until grep -q '(child)' /proc/[0-9]*/stat 2>/dev/null; do sleep 0.01; done
    until [ "$(cat /proc/$P/comm)" = sleep ]; do sleep 0.01; done
    timeout 60 killall -w child; echo $?; state $(cat /proc/$P/task/$P/children))sh");
  EXPECT_EQ(ran.out, "0\nZ\n");
}

TEST(Killall, AsksBeforeEach) {
  const Ran ran = script(R"sh(
    start sleep 100; A=$P; start sleep 100; B=$P
    printf 'maybe\ny\nn\n' | killall -i sleep >$D/asked; echo $?; ended $A && echo ended; state $B
    [ "$(cat $D/asked)" = "Kill sleep($A) ? (y/N) Kill sleep($A) ? (y/N) Kill sleep($B) ? (y/N) " ] \
      && echo asked)sh");
  EXPECT_EQ(ran.out, "0\nended\nS\nasked\n");
}

TEST(Killall, ChoosesByOwnerAgeAndNamespace) {
  const Ran ran = script(R"sh(
    start sleep 100; A=$P
    killall -q -0 -y 1h sleep; echo $?; killall -q -0 -o 1h sleep; echo $?
    killall -q -0 -n 1 sleep; echo $?; killall -q -0 -n 99999 sleep 2>/dev/null; echo $?
    killall -q -0 -u root sleep; echo $?; killall -q -0 -u nobody sleep; echo $?)sh");
  EXPECT_EQ(ran.out, "0\n1\n0\n1\n0\n1\n");
}

/// Where no security module is there, the original takes every process for a match.
TEST(Killall, NeverTakesAnUnknownContextForAMatch) {
  const Ran ran = script("start sleep 100; killall -v -Z no-such-context; echo $?; state $P");
  EXPECT_EQ(ran.out, "1\nS\n");
  EXPECT_THAT(ran.err, IsEmpty());
}

TEST(Killall, KnowsEverySignalItLists) {
  const Ran ran = script(R"sh(
    killall -l | tr ' ' '\n' | grep -c .
    for name in $(killall -l); do killall -$name x; killall -SIG$name x; done 2>&1 | sort | uniq -c |
      sed 's/^ *//')sh");
  EXPECT_EQ(ran.out, "31\n62 x: no process found\n");
}

struct WrongWords {
  const char* words;
  const char* said;
};

TEST(Killall, SaysWhatIsWrong) {
  const WrongWords cases[] = {
      {"", "Usage: killall [OPTION]... [--] NAME..."},
      {"-k x", "Usage: killall"},
      {"-FOO x", "FOO: unknown signal; killall -l lists signals.\n"},
      {"-s SIGFOO x", "FOO: unknown signal; killall -l lists signals.\n"},
      {"-y 5 x", "Invalid time format\nUsage: killall"},
      {"-o m x", "Invalid time format\n"},
      {"-u nobody-at-all x", "Cannot find user nobody-at-all\n"},
      {"-n x x", "Invalid namespace PID\n"},
      {"-Z '(' x", "Bad regular expression: (\n"},
      {"-r ''", "killall: an empty expression would match every process"},
  };
  for (const WrongWords& one : cases) {
    const Ran ran = script(std::string("killall ") + one.words);
    EXPECT_EQ(ran.status, 1) << one.words;
    EXPECT_THAT(ran.out, IsEmpty()) << one.words;
    EXPECT_THAT(ran.err, StartsWith(one.said)) << one.words;
  }
}

/// getopt_long_only(3): one dash is enough for a long name, and it may be cut short.
TEST(Killall, UnderstandsWordsAsTheOriginal) {
  for (const char* words :
       {"-ve x", "-ver x", "-quiet -verbose x", "-re x", "-signal TERM x", "-sTERM x", "-s 15 x",
        "--signal=TERM x", "-9 x", "x -KILL", "-INT x", "-VTALRM x", "-I x", "-vI x", "-Iv x"}) {
    const bool unknown = std::string_view(words) == "-Iv x";
    const bool quiet = std::string_view(words).starts_with("-quiet");
    const Ran ran = script(std::string("killall ") + words);
    EXPECT_EQ(ran.status, 1) << words;
    EXPECT_EQ(ran.err, unknown ? "Iv: unknown signal; killall -l lists signals.\n"
                       : quiet ? ""
                               : "x: no process found\n")
        << words;
  }
}

}  // namespace
}  // namespace knell::test
