#pragma once

/// One process with much memory, a child of the benchmark, and when that memory is back.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "knell/live/cgroup.hpp"

namespace knell::bench {

enum class Plight : std::uint8_t {
  none,
  starved,  ///< nice 13 beside a busy process on each processor: 5 % of one
  frozen    ///< in a frozen group of the v1 freezer
};

/// MemAvailable of /proc/meminfo, in bytes.
[[nodiscard]] std::uint64_t available_memory();

/// The control groups that a Hog lives in, alone: where its memory is counted, where it can be
/// frozen, and one of v2 that can be killed as a whole.
class HogGroups {
public:
  HogGroups();
  ~HogGroups();
  HogGroups(const HogGroups&) = delete;
  HogGroups& operator=(const HogGroups&) = delete;

  /// Moves the caller in.
  void enter() const;
  /// How much memory is used: of the group, where it is counted, else of the machine.
  [[nodiscard]] std::uint64_t used() const;
  [[nodiscard]] const std::optional<live::Cgroup>& freezer() const { return freezer_; }
  [[nodiscard]] const std::optional<live::Cgroup>& v2() const { return v2_; }

private:
  std::optional<live::Cgroup> memory_;
  std::optional<live::Cgroup> freezer_;
  std::optional<live::Cgroup> v2_;
};

class Hog {
public:
  /// Starts it and waits until it holds `bytes` in pages of 4 KiB and suffers its plight.
  Hog(const HogGroups& groups, std::uint64_t bytes, Plight plight);
  /// Ends it, if nobody has, and waits for it.
  ~Hog();
  Hog(const Hog&) = delete;
  Hog& operator=(const Hog&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Waits until 95 % of it is back. False: not within that time.
  [[nodiscard]] bool is_back(std::chrono::milliseconds within) const;

private:
  const HogGroups& groups_;
  std::uint64_t bytes_;
  Plight plight_;
  std::vector<pid_t> busy_;
  pid_t pid_ = 0;
  std::uint64_t used_ = 0;  ///< when it stood
};

}  // namespace knell::bench
