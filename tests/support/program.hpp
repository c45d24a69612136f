#pragma once

/// The knell program itself, run as a user would run it.

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace knell::test {

struct Ran {
  int status = -1;  ///< exit status; 128 + N if signal N ended it
  std::string out;
  std::string err;
};

/// How and where it runs, beside its arguments.
struct Place {
  /// Done in the child before exec: limits, users, namespaces, redirections.
  std::function<void()> before = [] {};
  /// Done here while it runs, with its pid.
  std::function<void(pid_t)> meanwhile = [](pid_t) {};
  std::string typed;  ///< on its standard input, which is closed afterwards
};

[[nodiscard]] Ran run_program(const std::string& program, const std::vector<std::string>& arguments,
                              const Place& place = {});

}  // namespace knell::test
