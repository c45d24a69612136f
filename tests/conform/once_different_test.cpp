/// Scripts that Linux and the model once did differently, at every tenth run or more often.

#include <gtest/gtest.h>

#include "conform/play.hpp"
#include "knell/conform/difference.hpp"
#include "scenes.hpp"

namespace knell::test {
namespace {

using conform::Compared;
using conform::test::scenario;

class OnceDifferent : public StageTest {};

/// A thread that traced a thread of its parent's, which has ended, ends with its process. It is
/// released first, and init, told of its process, runs its handler before the traced one is
/// released and init is told of that one's process: two signals, not one (exit_notify).
constexpr const char* kTwoChildrenOfInit = R"(
tty
init: fork -> leader
leader: thread -> second
leader: setsid
second: open_tty
second: kill init CONT
init: sigaction CHLD returns mask ABRT USR2 CHLD URG
second: vfork -> child
child: thread -> tracer
tracer: setpgid 0 0
tracer: ptrace attach second
tracer: clone NEWPID -> inner
type ^\
tracer: exit_group
)";

TEST_F(OnceDifferent, OthersGoOnBetweenTheReleasesOfOneEnd) {
  for (int run = 0; run < 40 && !HasFailure(); ++run) {
    const Result<Compared> compared =
        conform::compare(scenario(kTwoChildrenOfInit), conform::on_this_machine());
    ASSERT_TRUE(compared) << compared.error().message();
    EXPECT_TRUE(compared->judgement.fits()) << conform::report(*compared);
  }
}

}  // namespace
}  // namespace knell::test
