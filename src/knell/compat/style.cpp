#include "knell/compat/style.hpp"

#include <cstdlib>

namespace knell::compat {

std::optional<Style> parse_style(std::string_view word) {
  if (word == "coreutils") return Style::coreutils;
  if (word == "util-linux") return Style::util_linux;
  if (word == "procps") return Style::procps;
  if (word == "toybox") return Style::toybox;
  return std::nullopt;
}

Style style() {
  const char* const word = std::getenv("KNELL_STYLE");
  return word == nullptr ? Style::knell : parse_style(word).value_or(Style::knell);
}

}  // namespace knell::compat
