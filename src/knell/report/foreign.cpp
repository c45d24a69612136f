#include "knell/report/foreign.hpp"

#include <vector>

#include "knell/report/unicode.hpp"

namespace knell::report {
namespace {

constexpr std::string_view kEllipsis = "…";
/// Marks stack on a letter without end and would write over the lines above.
constexpr int kMarksOnALetter = 3;

void escape_byte(std::string& text, char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  text += "\\x";
  text += kDigits[value >> 4U];
  text += kDigits[value & 15U];
}

void escape(std::string& text, std::string_view bytes) {
  for (char byte : bytes) {
    switch (byte) {
      case '\\':
        text += "\\\\";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\r':
        text += "\\r";
        break;
      default:
        escape_byte(text, byte);
    }
  }
}

std::string in_ascii(std::string_view text) {
  std::string result;
  for (char byte : text) {
    if (static_cast<unsigned char>(byte) < 0x80) {
      result += byte;
    } else {
      escape_byte(result, byte);
    }
  }
  return result;
}

/// The length of the escape, or of the letter with its marks, that the text begins with.
std::size_t unit(std::string_view text) {
  if (text[0] == '\\') return text.size() > 1 && text[1] == 'x' ? 4 : 2;
  std::size_t length = decode(text).length;
  while (length < text.size()) {
    const Character next = decode(text.substr(length));
    if (columns(next.code) != 0) break;
    length += next.length;
  }
  return length;
}

struct Unit {
  std::string_view text;
  std::size_t columns;
};

std::vector<Unit> units(std::string_view text) {
  std::vector<Unit> result;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, unit(text));
    result.push_back({one, columns(one)});
    text.remove_prefix(one.size());
  }
  return result;
}

}  // namespace

std::string shown(std::string_view bytes) {
  std::string text;
  int marks = kMarksOnALetter;  // a mark without a letter to stand on is shown escaped
  while (!bytes.empty()) {
    const Character character = decode(bytes);
    const std::string_view raw = bytes.substr(0, character.length);
    const bool mark = character.valid && columns(character.code) == 0;
    const bool stays = character.valid && character.code != '\\' && printable(character.code) &&
                       (!mark || marks < kMarksOnALetter);
    if (stays) {
      text += raw;
      marks = mark ? marks + 1 : 0;
    } else {
      escape(text, raw);
      marks = kMarksOnALetter;
    }
    bytes.remove_prefix(character.length);
  }
  return text;
}

std::string foreign(std::string_view bytes, const Style& style) {
  return style.unicode ? shown(bytes) : in_ascii(shown(bytes));
}

std::string foreign_name(std::string_view bytes, const Style& style) {
  if (bytes.empty()) return "(no name)";
  const std::string text = foreign(bytes, style);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool edge = i == 0 || i + 1 == text.size() || text[i - 1] == ' ';
    if (text[i] == ' ' && edge) {
      escape_byte(result, ' ');
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string prose(std::string_view bytes, const Style& style) {
  std::string text = shown(bytes);
  if (style.unicode) return text;
  for (std::size_t at = 0; (at = text.find(kEllipsis, at)) != std::string::npos;)
    text.replace(at, kEllipsis.size(), "...");
  return in_ascii(text);
}

std::string_view ellipsis(const Style& style) {
  return style.unicode ? kEllipsis : "...";
}

std::string cut(std::string_view text, std::size_t room, const Style& style, Keep keep) {
  if (columns(text) <= room) return std::string(text);
  const std::string_view mark = ellipsis(style);
  if (room < columns(mark)) return std::string(room, '.');
  room -= columns(mark);
  const std::vector<Unit> all = units(text);
  const std::size_t at_end = keep == Keep::start ? 0 : room / 2;

  std::size_t tail = all.size();
  for (std::size_t used = 0; tail > 0 && used + all[tail - 1].columns <= at_end;)
    used += all[--tail].columns;
  std::string result;
  std::size_t used = 0;
  for (const Unit& one : all) {
    if (used + one.columns > room - at_end) break;
    used += one.columns;
    result += one.text;
  }
  result += mark;
  for (; tail < all.size(); ++tail) result += all[tail].text;
  return result;
}

}  // namespace knell::report
