#pragma once

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace knell::live::test {

/// Runs `body` in a child, for what it does to its own process. 0 where it returned true; the
/// child's exit status, or 128 + the signal that ended it, otherwise.
inline int in_child(const std::function<bool()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::alarm(120);
    ::_exit(body() ? 0 : 1);
  }
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// In the body of in_child(): says which check did not hold, and ends it.
#define KNELL_CHECK(...)                                                \
  do {                                                                  \
    if (!(__VA_ARGS__)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #__VA_ARGS__); \
      return false;                                                     \
    }                                                                   \
  } while (false)

inline bool is_root() {
  return ::geteuid() == 0;
}

}  // namespace knell::live::test
