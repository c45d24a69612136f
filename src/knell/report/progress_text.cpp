#include <algorithm>
#include <chrono>

#include "knell/report/foreign.hpp"
#include "knell/report/numbers.hpp"
#include "knell/report/text.hpp"

namespace knell::report {

std::string progress_text(const act::Progress& progress, const Style& style) {
  const std::size_t left = progress.total - std::min(progress.total, progress.ended);
  std::string text = progress.signal.name() + " sent to " + count_text(progress.total) + ": ";
  if (left == 0) {
    text += "all gone";
  } else {
    text += count_text(progress.ended) + " gone, " + count_text(left) + " left";
    // Whole seconds, rounded up: the line counts down and never says 0 s.
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(progress.until_next);
    if (seconds.count() > 0) {
      text += progress.next ? "; " + progress.next->name() + " in " : "; waiting ";
      text += duration_text(seconds);
    }
  }
  return cut(text, style.width > 0 ? style.width - 1 : 0, style);
}

}  // namespace knell::report
