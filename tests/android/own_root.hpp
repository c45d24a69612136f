#pragma once

/// A place for groups of the test's own, in either version of control groups.

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "knell/android/groups.hpp"
#include "support/eventually.hpp"
#include "support/own_cgroup.hpp"

namespace knell::android {

/// Nobody has this uid: it only names directories.
inline const Uid kUid(4'000'000U + static_cast<std::uint32_t>(::getpid()));

/// What was logged.
using Logged = std::vector<std::pair<Level, std::string>>;

inline Log to(Logged& logged) {
  return [&logged](Level level, const std::string& text) { logged.emplace_back(level, text); };
}

class OwnRoot {
public:
  explicit OwnRoot(live::Cgroup::Version version)
      : cgroup_(mount(version) + "/knell-test-android-" + std::to_string(::getpid()), version) {
    made_ = !mount(version).empty() && cgroup_.make();
  }
  OwnRoot(const OwnRoot&) = delete;
  OwnRoot& operator=(const OwnRoot&) = delete;
  ~OwnRoot() {
    EXPECT_TRUE(!made_ || test::eventually([&] { return removed(cgroup_); })) << cgroup_.path();
  }

  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] const live::Cgroup& cgroup() const { return cgroup_; }
  [[nodiscard]] const std::string& path() const { return cgroup_.path(); }

private:
  static std::string mount(live::Cgroup::Version version) {
    const auto root = version == live::Cgroup::Version::v2
                          ? test::OwnCgroup::root("cgroup2", "")
                          : test::OwnCgroup::root("cgroup", "cpuacct");
    return root.value_or("");
  }
  /// With all in it. Whoever is in there is a child of a test's that has been killed.
  static bool removed(const live::Cgroup& cgroup) {
    for (const live::Cgroup& inside : cgroup.children().value_or(std::vector<live::Cgroup>()))
      removed(inside);
    return cgroup.remove().has_value();
  }

  live::Cgroup cgroup_;
  bool made_ = false;
};

}  // namespace knell::android
