#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "knell/live/mountinfo.hpp"
#include "knell/live/proc_fs.hpp"
#include "support/eventually.hpp"

namespace knell::test {

/// A cgroup of the test's own below the root of a hierarchy; empty again when it goes.
class OwnCgroup {
public:
  static std::optional<std::string> root(std::string_view type, std::string_view controller) {
    live::ProcReader proc(AT_FDCWD);
    const auto text = proc.whole("/proc/self/mountinfo");
    for (const live::Mount& mount : live::parse_mountinfo(text.value_or("")))
      if (mount.type == type && (controller.empty() || live::has_option(mount, controller)))
        return mount.point;
    return std::nullopt;
  }
  /// Where memory is counted: v1's controller if it is mounted, as it is then not in v2.
  static std::optional<std::string> root_for_memory() {
    const auto root = OwnCgroup::root("cgroup", "memory");
    return root ? root : OwnCgroup::root("cgroup2", "");
  }

  explicit OwnCgroup(std::string root)
      : name_("/knell-test-" + std::to_string(getpid())), path_(std::move(root) + name_) {
    made_ = mkdir(path_.c_str(), 0755) == 0;
  }
  OwnCgroup(const OwnCgroup&) = delete;
  OwnCgroup& operator=(const OwnCgroup&) = delete;
  ~OwnCgroup() {
    EXPECT_TRUE(!made_ || eventually([&] { return rmdir(path_.c_str()) == 0; }));
  }

  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool write(const std::string& file, const std::string& text) const {
    std::ofstream out(path_ + "/" + file);
    out << text;
    return static_cast<bool>(out.flush());
  }
  [[nodiscard]] bool says(const std::string& file, const std::string& line) const {
    std::ifstream in(path_ + "/" + file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return text.find(line) != std::string::npos;
  }

private:
  std::string name_;
  std::string path_;
  bool made_ = false;
};

}  // namespace knell::test
