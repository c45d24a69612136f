#include "knell/compat/printed.hpp"

#include <langinfo.h>

#include <algorithm>

#include "knell/compat/locale.hpp"

namespace knell::compat {
namespace {

bool locale_is_utf8() {
  use_locale();
  const std::string_view codeset = ::nl_langinfo(CODESET);
  return codeset == "UTF-8" || codeset == "utf8";
}

bool is_control(char byte) {
  return (byte >= 0 && byte < ' ') || byte == '\x7f';
}

bool is_ascii(char byte) {
  return static_cast<unsigned char>(byte) < 0x80;
}

/// The length of a character that begins with this byte, by RFC 3629; 0: none does.
std::size_t length_of(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80) return 1;
  if (byte < 0xC2 || byte > 0xF4) return 0;
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

char as_ascii(char byte) {
  if (!is_ascii(byte)) return '?';
  return is_control(byte) ? '.' : byte;
}

/// Takes one argument off the front, and its NUL.
std::string_view take_argument(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\0'), rest.size());
  const std::string_view argument = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return argument;
}

bool needs_no_quotes(char byte) {
  constexpr std::string_view kSafe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+:,./-";
  return kSafe.contains(byte);
}

}  // namespace

std::string printed(std::string_view bytes) {
  std::string text(bytes);
  const bool utf8 = locale_is_utf8();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8 ? length_of(text[at]) : 0;
    if (length == 0 || at + length > text.size()) {
      std::transform(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                     text.begin() + static_cast<std::ptrdiff_t>(at), as_ascii);
      break;
    }
    if (is_control(text[at])) text[at] = '?';
    at += length;
  }
  return text;
}

std::string name_of(const World& world, TaskIndex task) {
  return printed(world[task].comm);
}

std::string command_line_of(const World& world, TaskIndex task) {
  std::string line = world.details_of(task).cmdline;
  if (line.empty()) {
    line = "[" + name_of(world, task) + "]";
    if (world[task].state == TaskState::zombie) line += " <defunct>";
    return line;
  }
  const bool blank_at_end = line.back() == ' ' || line.back() == '\n';
  line.resize(line.find_last_not_of('\0') + 1);
  std::ranges::replace_if(line, [](char byte) { return byte == '\0' || byte == '\n'; }, ' ');
  if (blank_at_end) line.pop_back();
  return line.empty() ? "?" : printed(line);
}

std::string quoted(std::string_view word) {
  if (!word.empty() && std::ranges::all_of(word, needs_no_quotes)) return std::string(word);
  std::string text = "'";
  for (const char byte : word) byte == '\'' ? text += "'\\''" : text += byte;
  return text + "'";
}

std::string quoted_arguments(std::string_view cmdline) {
  std::string text;
  while (!cmdline.empty()) {
    if (!text.empty()) text += ' ';
    text += quoted(take_argument(cmdline));
  }
  return text;
}

}  // namespace knell::compat
