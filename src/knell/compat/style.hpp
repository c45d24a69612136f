#pragma once

/// Whose manners a command has, where the originals contradict one another.

#include <cstdint>
#include <optional>
#include <string_view>

namespace knell::compat {

/// `knell` is what breaks the fewest scripts and has none of the known accidents (docs/compat.md).
enum class Style : std::uint8_t { knell, coreutils, util_linux, procps, toybox };

/// "coreutils", "util-linux", "procps", "toybox"; none for any other word.
[[nodiscard]] std::optional<Style> parse_style(std::string_view word);
/// What the environment variable KNELL_STYLE says; `knell` where it says nothing that is known.
[[nodiscard]] Style style();

}  // namespace knell::compat
