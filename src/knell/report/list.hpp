#pragma once

/// Labelled lists under a tree:
///
///     Breaks        tcp 10.0.0.1:80 <-> 10.0.0.7:51234 (4243 worker)
///                   … and 12 more

#include <cstddef>
#include <functional>
#include <string>

#include "knell/plan/forecast.hpp"
#include "knell/report/page.hpp"

namespace knell::report {

/// How many entries of a list are shown where the style is not verbose.
inline constexpr std::size_t kListLimit = 5;

/// How many of `count` entries to show: one too many is shown rather than counted.
[[nodiscard]] std::size_t shown_of(std::size_t count, const Style& style,
                                   std::size_t limit = kListLimit);
/// "… and 12 more", or nothing if none is left.
[[nodiscard]] Text more_text(std::size_t count, std::size_t shown, const Style& style);

/// One entry, with its label if it is the list's first.
void entry(Page& page, const std::string& label, const Text& body, Ink label_ink = Ink::plain);

/// A list of `count` entries, folded; `text` makes one. Nothing for an empty list.
void list(Page& page, const std::string& label, std::size_t count,
          const std::function<Text(std::size_t)>& text);

/// "127.0.0.1:8080", "[::1]:8080", a unix socket's path.
[[nodiscard]] Text address_text(Protocol protocol, const std::string& address, std::uint16_t port,
                                const Style& style);

}  // namespace knell::report
