#pragma once

/// UTF-8 and what it takes up on a terminal, whatever the locale: the report must come out the same
/// from a rescue shell with LANG=C.

#include <cstddef>
#include <string_view>

namespace knell::report {

struct Character {
  char32_t code = 0;
  std::size_t length = 1;  ///< bytes; 1 where they are not UTF-8
  bool valid = false;
};

/// The character `bytes` begins with. Precondition: `bytes` is not empty. Overlong forms,
/// surrogates and numbers above U+10FFFF are not valid (RFC 3629).
[[nodiscard]] Character decode(std::string_view bytes);
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// Whether the character can be shown as it is. Not: controls, format characters (bidirectional
/// ones and zero-width ones among them), private use, and every blank but the ordinary one.
[[nodiscard]] bool printable(char32_t code);
/// Columns of a printable character: 0 (combines with the one before), 1 or 2. Never fewer than
/// the C library's wcwidth() says; a rare combining mark may count as 1.
[[nodiscard]] std::size_t columns(char32_t code);
/// Columns of a text of printable characters.
[[nodiscard]] std::size_t columns(std::string_view text);

}  // namespace knell::report
