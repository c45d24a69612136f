#include "namespace.hpp"

namespace knell::test {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

TEST(Pgrep, PrintsTheNumbersOfThoseWithTheName) {
  const Ran ran = script(R"sh(
    start sleep 100; A=$P; start sleep 200; B=$P; start cat /dev/zero >/dev/null
    [ "$(pgrep sleep)" = "$A
$B" ] && echo lines
    [ "$(pgrep -d : slee)" = "$A:$B" ] && echo delimiter
    [ "$(pgrep -c ^sl)" = 2 ] && echo count
    [ "$(pgrep -l sleep)" = "$A sleep
$B sleep" ] && echo names
    [ "$(pgrep -a sleep)" = "$A sleep 100
$B sleep 200" ] && echo command lines
    [ "$(pgrep -n sleep) $(pgrep -o sleep)" = "$B $A" ] && echo ends
    [ -z "$(pgrep --quiet sleep)" ] && pgrep --quiet sleep && echo quiet)sh");
  EXPECT_EQ(ran.out, "lines\ndelimiter\ncount\nnames\ncommand lines\nends\nquiet\n");
  EXPECT_THAT(ran.err, IsEmpty());
}

TEST(Pgrep, TellsByItsStatusWhetherAnythingMatched) {
  const Ran ran = script(
      "start sleep 100; pgrep sleep >/dev/null; echo $?; pgrep nobody; echo $?; "
      "pgrep -c nobody; echo $?");
  EXPECT_EQ(ran.out, "0\n1\n0\n1\n");
}

TEST(Pgrep, LooksAtTheNameOrAtTheWholeCommandLine) {
  const Ran ran = script(R"sh(
    start sleep 1234; A=$P
    pgrep 1234; pgrep -f 'sleep 12' | grep -cx $A; pgrep -fx 'sleep 1234' | grep -cx $A
    pgrep -fx 'sleep 12'; pgrep -x slee; pgrep -ix SLEEP | grep -cx $A; pgrep SLEEP)sh");
  EXPECT_EQ(ran.out, "1\n1\n1\n");
}

TEST(Pgrep, FindsByKinshipGroupSessionStateAndTerminal) {
  const Ran ran = script(R"sh(
    start setsid sleep 100; A=$P; start sleep 100; B=$P; kill -STOP $B
    until [ "$(state $B)" = T ]; do sleep 0.01; done
    until [ "$(cat /proc/$A/comm)" = sleep ]; do sleep 0.01; done
    [ "$(pgrep -d, -P 1)" = "$A,$B" ] && echo parent
    [ "$(pgrep -s $A)" = $A ] && [ "$(pgrep -g $A)" = $A ] && echo session and group
    [ "$(pgrep -r T)" = $B ] && [ "$(pgrep -r Z,T sleep)" = $B ] && echo state
    [ "$(pgrep -d, -t '?' sleep)" = "$A,$B" ] && [ -z "$(pgrep -t glass)" ] && echo terminal
    [ "$(pgrep -p $A,$B -d ' ')" = "$A $B" ] && echo numbers
    [ "$(pgrep -v -d, -P 1)" = 1 ] && echo inverse
    [ "$(pgrep -s 0 -x sleep; pgrep -g 0 -x sleep)" = "$B
$B" ] && echo own)sh");
  EXPECT_EQ(ran.out, "parent\nsession and group\nstate\nterminal\nnumbers\ninverse\nown\n");
}

TEST(Pgrep, FindsByOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const Ran ran = script(R"sh(
    start setpriv --reuid 54321 --regid 54322 --clear-groups sleep 100; A=$P
    until [ "$(cat /proc/$A/comm)" = sleep ]; do sleep 0.01; done
    start sleep 100; B=$P
    [ "$(pgrep -u 54321)" = $A ] && [ "$(pgrep -U 54321)" = $A ] && echo user
    [ "$(pgrep -G 54322)" = $A ] && echo group
    [ "$(pgrep -u root,54321 -x -d, sleep)" = "$A,$B" ] && echo either
    [ "$(pgrep -u root -U 54321)" = "" ] && echo both)sh");
  EXPECT_EQ(ran.out, "user\ngroup\neither\nboth\n");
}

TEST(Pgrep, FindsByEnvironmentHandlerAndNamespace) {
  const Ran ran = script(R"sh(
    export KNELL_T=7; start sleep 100; A=$P; unset KNELL_T
    start unshare --uts sleep 100; B=$P
    until [ "$(cat /proc/$B/comm)" = sleep ]; do sleep 0.01; done
    sh -c 'trap : USR1; echo >'$D'/ready; while :; do sleep 1; done' & C=$!
    until [ -e $D/ready ]; do sleep 0.01; done
    [ "$(pgrep --env KNELL_T)" = $A ] && [ "$(pgrep --env KNELL_T=7)" = $A ] && echo variable
    [ -z "$(pgrep --env KNELL_T=8)" ] && [ -z "$(pgrep --env KNELL)" ] && echo value
    [ "$(pgrep -H --signal USR1)" = $C ] && echo handler
    [ "$(pgrep --ns 1 -x sleep -o)" = $A ] && echo namespaces
    [ "$(pgrep --ns $B --nslist uts)" = $B ] && echo uts
    [ "$(pgrep --ns $B --nslist pid,ipc -x sleep -o)" = $A ] && echo shared)sh");
  EXPECT_EQ(ran.out, "variable\nvalue\nhandler\nnamespaces\nuts\nshared\n");
}

TEST(Pgrep, ReadsThePidFile) {
  const Ran ran = script(R"sh(
    start sleep 100; A=$P; echo $A >$D/pid; echo "$A more" >$D/more; echo ${A}x >$D/wrong
    [ "$(pgrep -F $D/pid)" = $A ] && [ "$(pgrep -F $D/more)" = $A ] && echo file
    [ "$(echo $A | pgrep -F -)" = $A ] && echo input
    pgrep -F $D/wrong 2>/dev/null; echo $?; pgrep -F $D/missing 2>/dev/null; echo $?
    pgrep -F '' 2>/dev/null; echo $?; pgrep -L -F $D/pid 2>/dev/null; echo $?
    flock -F $D/pid sleep 200 & until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.01; done
    [ "$(pgrep -L -F $D/pid)" = $A ] && echo locked)sh");
  EXPECT_EQ(ran.out, "file\ninput\n1\n1\n1\n1\nlocked\n");
}

/// A name may hold anything but a slash and a NUL, so also what looks like the rest of the stat
/// file, and what a terminal would obey.
TEST(Pgrep, IsNotMisledByNames) {
  const Ran ran = script(R"sh(
    cp /bin/sleep "$D/a) T 1 1 1"; start "$D/a) T 1 1 1" 100; A=$P
    cp /bin/sleep "$D/$(printf 'x\033[2Jy')"; start "$D/$(printf 'x\033[2Jy')" 100; B=$P
    [ "$(pgrep -l -x 'a\) T 1 1 1')" = "$A a) T 1 1 1" ] && echo stat
    [ -z "$(pgrep -r T 'a\)')" ] && echo state
    [ "$(pgrep -l -P 1 ^x)" = "$B x?[2Jy" ] && echo terminal)sh");
  EXPECT_EQ(ran.out, "stat\nstate\nterminal\n");
}

TEST(Pgrep, TellsZombies) {
  const Ran ran = script(R"sh(
    sh -c 'cp /bin/true $D/short; $D/short & exec sleep 100' & P=$!
    until [ "$(cat /proc/$P/comm)" = sleep ]; do sleep 0.01; done
    Z=$(cat /proc/$P/task/$P/children); Z=${Z% }
    until [ "$(state $Z)" = Z ]; do sleep 0.01; done
    [ "$(pgrep -a short)" = "$Z [short] <defunct>" ] && echo line
    [ "$(pgrep -r Z)" = $Z ] && echo state)sh");
  EXPECT_EQ(ran.out, "line\nstate\n");
}

TEST(Pgrep, LeavesTheCallersAncestorsOutWhereAsked) {
  const Ran ran = script("pgrep -x sh; sh -c 'pgrep -A -x sh; echo $?; :'");
  EXPECT_EQ(ran.out, "1\n1\n");
}

struct WrongWords {
  const char* words;
  int status;
  const char* said;
};

/// pgrep(1): 2 for a syntax error in the command line; the texts are procps'.
TEST(Pgrep, SaysWhatIsWrong) {
  const WrongWords cases[] = {
      {"", 2, "pgrep: no matching criteria specified\nTry `pgrep --help'"},
      {"a b", 2, "pgrep: only one pattern can be provided\nTry `pgrep --help'"},
      {"'('", 2, "pgrep: regex error: "},
      {"-u nobody-at-all", 2, "pgrep: invalid user name: nobody-at-all\n"},
      {"-G nobody-at-all", 2, "pgrep: invalid group name: nobody-at-all\n"},
      {"-g x", 2, "pgrep: invalid process group: x\n"},
      {"-s x", 2, "pgrep: invalid session id: x\n"},
      {"-P 1x", 2, "pgrep: not a number: 1x\n"},
      {"-O 5m", 2, "pgrep: not a number: 5m\n"},
      {"-P ,", 2, "pgrep: invalid empty list\nUsage: pgrep"},
      {"-L x", 2, "pgrep: -L without -F makes no sense\n"},
      {"-n -o x", 2, "Usage: pgrep"},
      {"-n -v x", 2, "Usage: pgrep"},
      {"--nslist pid,xyz x", 2, "pgrep: not a kind of namespace: xyz\n"},
      {"--ns 0 x", 2, "pgrep: not a process number: 0\n"},
      {"--ns 99999 x", 3, "pgrep: cannot read the namespaces of 99999"},
      {"--quiet -l x", 2, "pgrep: cannot use --quiet and a list together\n"},
      {"gnome-session-bi", 1, "pgrep: pattern that searches for process name longer than 15"},
  };
  for (const WrongWords& one : cases) {
    const Ran ran = script(std::string("pgrep ") + one.words);
    EXPECT_EQ(ran.status, one.status) << one.words;
    EXPECT_THAT(ran.out, IsEmpty()) << one.words;
    EXPECT_THAT(ran.err, StartsWith(one.said)) << one.words;
  }
}

TEST(Pgrep, HelpsAndTellsItsVersion) {
  const Ran help = script("pgrep --help; pkill -h; pidwait --help; pgrep -V");
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("Usage: pgrep"));
  EXPECT_THAT(help.out, HasSubstr("Usage: pkill"));
  EXPECT_THAT(help.out, HasSubstr("Usage: pidwait"));
  EXPECT_THAT(help.out, HasSubstr("pgrep (knell)"));
}

}  // namespace
}  // namespace knell::test
