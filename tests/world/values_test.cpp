#include <sys/wait.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "knell/world/error.hpp"
#include "knell/world/wait_status.hpp"

namespace knell {
namespace {

TEST(WaitStatus, IsTheWordOfWait) {
  EXPECT_TRUE(WIFEXITED(WaitStatus::exited(3).word()));
  EXPECT_EQ(WEXITSTATUS(WaitStatus::exited(3).word()), 3);
  EXPECT_TRUE(WIFSIGNALED(WaitStatus::killed(signals::kTerm).word()));
  EXPECT_EQ(WTERMSIG(WaitStatus::killed(signals::kTerm).word()), SIGTERM);
  EXPECT_TRUE(WCOREDUMP(WaitStatus::killed(signals::kSegv, true).word()));
}

TEST(WaitStatus, SaysHowItEnded) {
  EXPECT_EQ(WaitStatus::exited(0).text(), "exit status 0");
  EXPECT_EQ(WaitStatus(SIGKILL).text(), "killed by KILL");
  EXPECT_EQ(WaitStatus(SIGSEGV | 0x80).text(), "killed by SEGV, core dumped");
}

TEST(Error, IsOneLineWithAWayOut) {
  const Error error{EACCES, "open", "/proc/1/fd", "try as root"};
  EXPECT_EQ(error.message(), "cannot open /proc/1/fd: Permission denied (try as root)");
  EXPECT_EQ((Error{ESRCH, "", "no process is called foo", ""}).message(),
            "no process is called foo");
}

TEST(Error, NamesErrnosAsTheManualDoes) {
  EXPECT_EQ(errno_name(ESRCH), "ESRCH");
  EXPECT_EQ(errno_name(99999), "errno 99999");
}

Result<int> twice(Result<int> value) {
  return 2 * KNELL_TRY(std::move(value));
}

TEST(Error, TryHandsTheErrorUp) {
  EXPECT_EQ(twice(21).value(), 42);
  EXPECT_EQ(twice(failure(ESRCH, "find", "7")).error().number, ESRCH);
}

}  // namespace
}  // namespace knell
