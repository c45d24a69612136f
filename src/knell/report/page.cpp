#include "knell/report/page.hpp"

#include <algorithm>
#include <utility>

#include "knell/report/unicode.hpp"

namespace knell::report {
namespace {

/// What stands between two blanks: it never goes on two lines.
using Word = std::vector<Span>;

std::size_t width_of(const std::vector<Span>& spans) {
  std::size_t sum = 0;
  for (const Span& span : spans) sum += columns(span.text);
  return sum;
}

/// Takes a text apart at its blanks. A number keeps to the word after it: "10 s", "4242 nginx".
class Words {
public:
  explicit Words(const Text& text) {
    for (const Span& span : text.spans()) {
      std::string_view rest = span.text;
      while (span.kind == Span::Kind::words && rest.find(' ') != std::string_view::npos) {
        const std::size_t blank = rest.find(' ');
        append({std::string(rest.substr(0, blank)), span.ink});
        divide(span.ink);
        rest.remove_prefix(blank + 1);
      }
      append({std::string(rest), span.ink, span.kind});
    }
    finish();
  }
  [[nodiscard]] std::vector<Word> take() { return std::move(words_); }

private:
  void append(Span span) {
    if (!span.text.empty()) word_.push_back(std::move(span));
  }

  void divide(Ink ink) {
    const char last = word_.empty() ? ' ' : word_.back().text.back();
    if (!kept_ && last >= '0' && last <= '9') {
      word_.push_back({" ", ink});
      kept_ = true;
    } else {
      finish();
    }
  }

  void finish() {
    if (!word_.empty() && word_.back().text == " ") word_.pop_back();
    if (!word_.empty()) words_.push_back(std::exchange(word_, {}));
    kept_ = false;
  }

  std::vector<Word> words_;
  Word word_;
  bool kept_ = false;  ///< once in a word, or a list of numbers were one
};

/// Cuts what comes from outside first, and the longest of it; our own words only if nothing else
/// is left.
void shorten(Word& word, std::size_t room, const Style& style) {
  const std::size_t least = columns(ellipsis(style)) + 1;
  for (const bool ours : {false, true}) {
    for (std::size_t tries = word.size(); tries > 0; --tries) {
      const std::size_t width = width_of(word);
      if (width <= room) return;
      auto eligible = [&](const Span& span) {
        return (span.kind == Span::Kind::words) == ours ? columns(span.text) : 0;
      };
      Span& longest = *std::ranges::max_element(word, {}, eligible);
      const std::size_t has = eligible(longest);
      if (has <= least) break;
      const std::size_t excess = width - room;
      const std::size_t keeps = has > excess + least ? has - excess : least;
      const Keep keep = longest.kind == Span::Kind::path ? Keep::both_ends : Keep::start;
      longest.text = cut(longest.text, keeps, style, keep);
    }
  }
}

std::string_view sgr(Ink ink) {  // ECMA-48, 8.3.117
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::bold:
      return "\x1b[1m";
    case Ink::dim:
      return "\x1b[2m";
    case Ink::red:
      return "\x1b[31m";
    case Ink::green:
      return "\x1b[32m";
    case Ink::yellow:
      return "\x1b[33m";
  }
  return "";
}

void paint(std::string& out, const std::vector<Span>& spans, bool colour) {
  Ink ink = Ink::plain;
  for (const Span& span : spans) {
    if (colour && span.ink != ink) {
      if (ink != Ink::plain) out += "\x1b[0m";
      out += sgr(span.ink);
      ink = span.ink;
    }
    out += span.text;
  }
  if (ink != Ink::plain) out += "\x1b[0m";
}

}  // namespace

Text& Text::add(std::string words, Ink ink) {
  return add(Span{std::move(words), ink});
}

Text& Text::add(Span span) {
  if (!span.text.empty()) spans_.push_back(std::move(span));
  return *this;
}

Text& Text::add(const Text& other) {
  spans_.insert(spans_.end(), other.spans_.begin(), other.spans_.end());
  return *this;
}

std::size_t Text::columns() const {
  return width_of(spans_);
}

std::string Text::plain() const {
  std::string text;
  for (const Span& span : spans_) text += span.text;
  return text;
}

Page::Page(const Style& style) : style_(style), width_(std::max(style.width, kNarrowest)) {
}

void Page::row(const Text& lead, const Text& hang, const Text& body) {
  const std::size_t room = width_ - std::min(width_ - 1, std::max(lead.columns(), hang.columns()));
  const Text* before = &lead;
  std::vector<Span> line;
  std::size_t used = 0;
  for (Word& word : Words(body).take()) {
    shorten(word, room, style_);
    const std::size_t width = width_of(word);
    if (!line.empty() && used + 1 + width > room) {
      put(before->spans(), line);
      before = &hang;
      line.clear();
      used = 0;
    }
    if (!line.empty()) {
      // A blank between two words of one ink keeps that ink's stretch in one piece.
      const bool same = line.back().ink == word.front().ink;
      line.push_back({" ", same ? line.back().ink : Ink::plain});
      ++used;
    }
    used += width;
    line.insert(line.end(), word.begin(), word.end());
  }
  put(before->spans(), line);
}

void Page::line(const Text& body) {
  row(Text(), Text("  "), body);
}

void Page::blank_line() {
  out_ += '\n';
}

void Page::put(const std::vector<Span>& lead, const std::vector<Span>& body) {
  std::vector<Span> all = lead;
  all.insert(all.end(), body.begin(), body.end());
  while (!all.empty()) {  // no blanks at a line's end
    std::string& last = all.back().text;
    last.erase(last.find_last_not_of(' ') + 1);
    if (!last.empty()) break;
    all.pop_back();
  }
  paint(out_, all, style_.colour);
  out_ += '\n';
}

}  // namespace knell::report
