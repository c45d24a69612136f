#pragma once

/// A result as text for a person.

#include <string>
#include <string_view>

#include "knell/act/ending.hpp"
#include "knell/plan/forecast.hpp"
#include "knell/plan/verdict.hpp"

namespace knell::report {

struct Style {
  bool colour = false;
  bool unicode = true;     ///< tree lines; plain ASCII otherwise
  bool verbose = false;    ///< every process, every file; otherwise long lists are folded
  std::size_t width = 80;  ///< columns; lines are fitted to it where words allow
};

/// Bytes from outside, made harmless: control characters, escapes and invalid UTF-8 as \n, \x1b,
/// \xff; valid UTF-8 that is printable stays. Bidirectional controls are escaped too.
[[nodiscard]] std::string shown(std::string_view bytes);

/// The plan, as it is printed before anything is done.
[[nodiscard]] std::string plan_text(const plan::Forecast& forecast, const Style& style);
/// What came of it.
[[nodiscard]] std::string verdict_text(const plan::Forecast& forecast, const plan::Verdict& verdict,
                                       const Style& style);
/// One line, without a newline, no wider than `style.width - 1`.
[[nodiscard]] std::string progress_text(const act::Progress& progress, const Style& style);

/// "12.3 MiB", "812 KiB", "0 B".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// "10 s", "1.5 s", "80 ms", "2 min".
[[nodiscard]] std::string duration_text(std::chrono::microseconds duration);

}  // namespace knell::report
