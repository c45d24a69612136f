#pragma once

/// A handle on each process takes a descriptor each, and the usual limit of 1024 is soon met.

#include <sys/resource.h>

#include <cstddef>
#include <optional>

namespace knell::act {

/// While it lives, the soft limit on open descriptors (RLIMIT_NOFILE, getrlimit(2)) is as high as
/// the hard one, if `handles` need that; then it is what it was. Raising it is asked once, and
/// nobody is asked for more than the hard limit.
class DescriptorLimit {
public:
  /// Descriptors beside the handles: those open already, and those that reading /proc takes.
  static constexpr std::size_t kReserve = 64;

  explicit DescriptorLimit(std::size_t handles);
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit();

  /// Whether there is room to work with `highest` open: the kernel gives the lowest free number.
  [[nodiscard]] bool has_room_above(int highest) const;

private:
  rlimit now_{RLIM_INFINITY, RLIM_INFINITY};
  std::optional<rlimit> before_;
};

}  // namespace knell::act
