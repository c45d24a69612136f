#include "knell/kernel/version.hpp"

#include <tuple>

namespace knell::kernel {

std::optional<KernelVersion> parse_version(std::string_view text) {
  for (std::size_t i = 0; i < kVersionNames.size(); ++i)
    if (kVersionNames[i] == text) return static_cast<KernelVersion>(i);
  return std::nullopt;
}

KernelVersion version_of(int major, int minor, int patch) {
  constexpr std::array<std::tuple<int, int, int>, kVersionNames.size()> kNumbers = {
      {{3, 10, 0}, {3, 16, 0}, {5, 10, 0}, {6, 1, 0}, {6, 12, 0}, {6, 18, 0}, {6, 18, 44}}};
  auto found = KernelVersion::v3_10;
  for (std::size_t i = 0; i < kNumbers.size(); ++i)
    if (kNumbers[i] <= std::tuple(major, minor, patch)) found = static_cast<KernelVersion>(i);
  return found;
}

}  // namespace knell::kernel
