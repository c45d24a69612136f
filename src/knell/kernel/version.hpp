#pragma once

/// Which Linux: the differences that can be seen from outside are in docs/kernel.md.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace knell::kernel {

enum class KernelVersion : std::uint8_t { v3_10, v3_16, v5_10, v6_1, v6_12, v6_18, v6_18_44 };

inline constexpr KernelVersion kNewest = KernelVersion::v6_18_44;
inline constexpr std::array<std::string_view, 7> kVersionNames = {"3.10", "3.16", "5.10",   "6.1",
                                                                  "6.12", "6.18", "6.18.44"};

/// "6.12"; nothing for a version that is not modelled.
[[nodiscard]] std::optional<KernelVersion> parse_version(std::string_view text);
/// The newest modelled version that is not newer than the given one (as uname(2) has it).
[[nodiscard]] KernelVersion version_of(int major, int minor, int patch = 0);

}  // namespace knell::kernel
