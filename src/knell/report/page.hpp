#pragma once

/// Lines of text that fit their terminal: ink, words, and how they flow.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "knell/report/foreign.hpp"
#include "knell/report/text.hpp"

namespace knell::report {

/// Colour only repeats what the words say.
enum class Ink : std::uint8_t { plain, bold, dim, red, green, yellow };

/// A stretch of printable text in one ink.
struct Span {
  enum class Kind : std::uint8_t {
    words,  ///< ours: a line may break at its blanks
    name,   ///< from outside: stays in one piece, cut at its end where it must be
    path,   ///< likewise, cut in the middle: its end tells most
  };
  std::string text;
  Ink ink = Ink::plain;
  Kind kind = Kind::words;
};

class Text {
public:
  Text() = default;
  explicit Text(std::string words, Ink ink = Ink::plain) { add(std::move(words), ink); }
  Text& add(std::string words, Ink ink = Ink::plain);
  Text& add(Span span);
  Text& add(const Text& other);

  [[nodiscard]] bool empty() const { return spans_.empty(); }
  [[nodiscard]] std::size_t columns() const;
  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
  [[nodiscard]] std::string plain() const;

private:
  std::vector<Span> spans_;
};

/// Below this a terminal is treated as if it were so wide.
inline constexpr std::size_t kNarrowest = 40;

class Page {
public:
  explicit Page(const Style& style);

  /// `body`, broken into as many lines as it needs; the first begins with `lead`, the others with
  /// `hang`. These are kept as they are.
  void row(const Text& lead, const Text& hang, const Text& body);
  /// The same, beginning at the left edge and going on two columns in.
  void line(const Text& body);
  void blank_line();

  [[nodiscard]] const Style& style() const { return style_; }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

private:
  void put(const std::vector<Span>& lead, const std::vector<Span>& body);
  Style style_;
  std::size_t width_;
  std::string out_;
};

}  // namespace knell::report
