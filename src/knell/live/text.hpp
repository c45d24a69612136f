#pragma once

/// Cutting up the kernel's texts. All of it takes any bytes: what does not fit is nothing.

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace knell::live {

/// Takes everything before `separator` off the front of `rest`, and the separator with it; all of
/// `rest` where there is none.
inline std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return taken;
}

inline std::string_view take_line(std::string_view& rest) {
  return take(rest, '\n');
}

/// The next word, with the blanks before it taken off too; empty at the end.
inline std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

/// The number that `text` is from its first to its last character.
template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value{};
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, value, base);
  if (error != std::errc{} || stopped != end || text.empty()) return std::nullopt;
  return value;
}

/// `number()`, or 0: for the fields of which a missing one means that there is none.
template <class Number>
Number number_or_zero(std::string_view text, int base = 10) {
  return number<Number>(text, base).value_or(Number{});
}

/// Undoes mangle_path() of fs/seq_file.c: a backslash and three octal digits are one byte.
[[nodiscard]] std::string unescape_octal(std::string_view text);

/// Takes `ending` off the end of `text`. False, and nothing taken, where it ends otherwise.
inline bool take_ending(std::string_view& text, std::string_view ending) {
  if (!text.ends_with(ending)) return false;
  text.remove_suffix(ending.size());
  return true;
}

/// What d_path() of fs/d_path.c puts behind the path of a file that has been unlinked.
inline constexpr std::string_view kDeleted = " (deleted)";

}  // namespace knell::live
