#pragma once

/// Numbers as a person or a script types them.

#include <optional>
#include <string_view>

#include "knell/live/text.hpp"

namespace knell::compat {

/// A whole number in decimal digits, with a sign or without; none where it is none, or too large.
template <class Number>
std::optional<Number> typed_number(std::string_view word) {
  const bool signed_twice = word.starts_with("+-");
  if (word.starts_with('+') && !signed_twice) word.remove_prefix(1);
  return live::number<Number>(word);
}

}  // namespace knell::compat
