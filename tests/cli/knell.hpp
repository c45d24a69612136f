#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/program.hpp"

namespace knell::test {

using testing::HasSubstr;
using testing::Not;

/// An unprivileged user that owns nothing else here.
inline constexpr uid_t kStranger = 54321;

/// AddressSanitizer reads /proc/self/maps and needs descriptors before the program begins.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

inline Ran knell(const std::vector<std::string>& arguments, const Place& place = {}) {
  return run_program(KNELL_BINARY, arguments, place);
}

inline std::string number(const Child& child) {
  return std::to_string(child.pid());
}

inline bool is_root() {
  return ::geteuid() == 0;
}

inline void become_stranger() {
  if (::setresgid(kStranger, kStranger, kStranger) != 0 ||
      ::setresuid(kStranger, kStranger, kStranger) != 0)
    ::_exit(126);
}

}  // namespace knell::test
