#include "knell/kernel/version.hpp"

#include <utility>

namespace knell::kernel {

std::optional<KernelVersion> parse_version(std::string_view text) {
  for (std::size_t i = 0; i < kVersionNames.size(); ++i)
    if (kVersionNames[i] == text) return static_cast<KernelVersion>(i);
  return std::nullopt;
}

KernelVersion version_of(int major, int minor) {
  constexpr std::array<std::pair<int, int>, kVersionNames.size()> kNumbers = {
      {{3, 10}, {3, 16}, {5, 10}, {6, 1}, {6, 12}, {6, 18}}};
  auto found = KernelVersion::v3_10;
  for (std::size_t i = 0; i < kNumbers.size(); ++i)
    if (kNumbers[i] <= std::pair(major, minor)) found = static_cast<KernelVersion>(i);
  return found;
}

}  // namespace knell::kernel
