#include <csignal>

#include "namespace.hpp"
#include "support/child.hpp"

namespace knell::test {
namespace {

using testing::IsEmpty;

TEST(Pkill, SignalsThoseThatMatchAndNobodyElse) {
  const Ran ran = script(R"sh(
    start sleep $((99 + 1)); A=$P; start sleep 200; B=$P; start cat /dev/zero >/dev/null; C=$P
    pkill -e -f 'sleep 10[0]'; echo $?; ended $A && echo first
    state $B; pkill -c sleep; pkill -x nobody; echo $?
    ended $B && case $(state $C) in R|S|D) echo third lives;; esac)sh");
  EXPECT_THAT(ran.out, testing::MatchesRegex(
                           "sleep killed \\(pid [0-9]+\\)\n0\nfirst\nS\n1\n1\nthird lives\n"));
  EXPECT_THAT(ran.err, IsEmpty());
}

/// The signal may stand anywhere, by number, by name, in any case, with SIG or without.
TEST(Pkill, TakesTheSignalInEveryForm) {
  for (const char* words :
       {"-STOP sleep", "-19 sleep", "-SIGSTOP sleep", "-stop sleep", "sleep -STOP",
        "--signal STOP sleep", "--signal 19 sleep", "--signal=sigstop sleep"}) {
    const Ran ran = script(std::string("start sleep 100; pkill ") + words +
                           "; echo $?; until [ $(state $P) = T ]; do sleep 0.01; done; echo T");
    EXPECT_EQ(ran.out, "0\nT\n") << words;
  }
}

/// The accident told most often: the pattern stands in the command line of the shell that runs it.
constexpr const char* kOwnShell = R"sh(
  start sleep 4321
  sh -c 'pkill -f "sleep 4321"; echo "$? and alive"'; echo $?
  ended $P && echo ended)sh";

TEST(Pkill, SparesWhoeverItWasStartedBy) {
  const Ran ran = script(kOwnShell);
  EXPECT_EQ(ran.out, "0 and alive\n0\nended\n");
  EXPECT_THAT(ran.err, testing::MatchesRegex("pkill: spared 1 \\(sh\\), [0-9]+ \\(sh\\), .*\n|"
                                             "pkill: spared [0-9]+ \\(sh\\), .*\n"));
}

TEST(Pkill, SparesNobodyWhereThatIsAsked) {
  const Ran ran = script(R"sh(sh -c 'pkill --ancestors -f "name 4321"; echo alive'; echo $?)sh");
  EXPECT_EQ(ran.out, "143\n");
  const Ran procps = script(R"sh(sh -c 'pkill -f "name 4321"; echo alive'; echo $?)sh", "procps");
  EXPECT_EQ(procps.out, "143\n");
}

TEST(Pkill, ReachesAnAncestorThatIsNamedByItsNumber) {
  const Ran ran = script("sh -c 'pkill -p $$; echo alive'; echo $?");
  EXPECT_EQ(ran.out, "143\n");
}

TEST(Pkill, AsksWhetherAnAncestorIsThere) {
  const Ran ran = script("pkill -0 -x sh; echo $?");
  EXPECT_EQ(ran.out, "0\n");
  EXPECT_THAT(ran.err, IsEmpty());
}

/// A file that was written before the process with that number began is about another, long gone.
constexpr const char* kStaleFile = R"sh(
  file=$(mktemp); start sleep 100; echo $P >$file; touch -d '1 hour ago' $file
  pkill -F $file; echo $?; state $P
  touch $file; pkill -F $file; echo $?; ended $P && echo ended; rm $file)sh";

TEST(Pkill, DoesNotBelieveAStalePidFile) {
  const Ran ran = script(kStaleFile);
  EXPECT_EQ(ran.out, "1\nS\n0\nended\n");
  EXPECT_THAT(ran.err, testing::MatchesRegex("pkill: .* is stale: process [0-9]+ started after it "
                                             "was written\n"));
  EXPECT_THAT(script(kStaleFile, "procps").out, testing::StartsWith("0\n"));
}

/// What an unset variable leaves of `pkill "$NAME"` matches everybody.
TEST(Pkill, RefusesAnEmptyPattern) {
  const Ran ran = script("start sleep 100; pkill ''; echo $?; state $P");
  EXPECT_EQ(ran.out, "2\nS\n");
  EXPECT_THAT(ran.err, HasSubstr("pkill: the pattern is empty"));
  const Ran procps =
      script("start sleep 100; trap : TERM; pkill ''; echo $?; ended $P && echo ended", "procps");
  EXPECT_EQ(procps.out, "0\nended\n");
}

TEST(Pkill, SendsAValue) {
  const Child child([](const Handshake& say) {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGUSR1);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    say.ready();
    siginfo_t info{};
    ::sigwaitinfo(&set, &info);
    say.tell(info.si_code == SI_QUEUE ? info.si_value.sival_int : -1);
  });
  const Ran ran = run_program(
      KNELL_BINARY, {"compat", "pkill", "-USR1", "-q", "42", "-p", std::to_string(child.pid())});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(child.next(), 42);
}

TEST(Pkill, SaysWhomItMayNotSignal) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const Ran ran = script(R"sh(
    start sleep 100; setpriv --reuid 54321 --clear-groups pkill -x sleep; echo $?; state $P)sh");
  EXPECT_EQ(ran.out, "1\nS\n");
  EXPECT_THAT(ran.err,
              testing::MatchesRegex("pkill: killing pid [0-9]+ failed: Operation not permitted\n"));
}

/// process_mrelease(2): EINVAL unless the process is being killed.
TEST(Pkill, TakesTheMemoryBack) {
  const Ran ran = script(R"sh(
    start sleep 100; pkill -m -KILL sleep; echo $?; ended $P && echo ended
    start sleep 100; pkill -m -CONT sleep; echo $?)sh");
  EXPECT_EQ(ran.out, "0\nended\n1\n");
  EXPECT_THAT(ran.err, HasSubstr("killed, but process_mrelease failed: Invalid argument"));
}

TEST(Pkill, RefusesWhatIsNoSignal) {
  EXPECT_EQ(script("pkill --signal NONSENSE x").status, 2);
  const Ran ran = script("pkill -0garbage x");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("invalid option -- '0'"));
}

TEST(Pidwait, ReturnsWhenAllHaveEnded) {
  const Ran ran = script(R"sh(
    start sleep 0.3; A=$P; start sleep 0.5; B=$P
    pidwait -e -x sleep; echo $?; echo "$(state $A)$(state $B)")sh");
  EXPECT_THAT(ran.out, testing::MatchesRegex("waiting for sleep \\(pid [0-9]+\\)\n"
                                             "waiting for sleep \\(pid [0-9]+\\)\n0\nZ?Z?\n"));
}

TEST(Pidwait, DoesNotWaitForZombiesNorForNobody) {
  const Ran ran = script(R"sh(
    sh -c 'cp /bin/true $D/short; $D/short & exec sleep 100' & P=$!
    until [ "$(cat /proc/$P/comm)" = sleep ]; do sleep 0.01; done
    Z=$(cat /proc/$P/task/$P/children); until [ "$(state $Z)" = Z ]; do sleep 0.01; done
    timeout 60 pidwait short; echo $?; timeout 60 pidwait nobody; echo $?)sh");
  EXPECT_EQ(ran.out, "0\n1\n");
}

TEST(Pidwait, GivesUpAtTheTimeGiven) {
  const Ran ran = script("start sleep 100; echo $P; pidwait --timeout 50ms sleep; echo $?");
  const std::string pid = ran.out.substr(0, ran.out.find('\n'));
  EXPECT_EQ(ran.out, pid + "\n124\n");
  EXPECT_EQ(ran.err, "pidwait: time is over, and not ended: " + pid + "\n");
}

}  // namespace
}  // namespace knell::test
