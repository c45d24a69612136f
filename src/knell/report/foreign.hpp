#pragma once

/// Words from outside (names, commands, paths, addresses), fit to stand in a line of ours. Each
/// result is printable, and plain ASCII where the style is.

#include <cstddef>
#include <string>
#include <string_view>

#include "knell/report/text.hpp"

namespace knell::report {

/// A path, a command line, an address.
[[nodiscard]] std::string foreign(std::string_view bytes, const Style& style);
/// A process's name. Blanks that could pass for the gap between two of our columns (at the ends,
/// or more than one) are escaped too: a process must not be able to write our table.
[[nodiscard]] std::string foreign_name(std::string_view bytes, const Style& style);
/// Words of a lower room, which may have names in them.
[[nodiscard]] std::string prose(std::string_view bytes, const Style& style);

/// "…", or "..." in ASCII.
[[nodiscard]] std::string_view ellipsis(const Style& style);
enum class Keep : bool { start, both_ends };
/// The text if it has no more than `room` columns, else what fits of it with an ellipsis. Escapes
/// (\x1b) and combined characters are never cut in two.
[[nodiscard]] std::string cut(std::string_view text, std::size_t room, const Style& style,
                              Keep keep = Keep::start);

}  // namespace knell::report
