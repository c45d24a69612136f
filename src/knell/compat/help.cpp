#include "knell/compat/help.hpp"

#include <algorithm>
#include <cstddef>

namespace knell::compat {
namespace {

using report::Manual;
using report::Option;
using report::Section;

constexpr std::size_t kColumns = 80;
/// Where the explanations of options begin at most; a longer option stands on a line of its own.
constexpr std::size_t kWidestLabel = 26;

/// Adds `words`, broken at blanks; `out` ends with a line that is `column` wide by now, and further
/// lines begin at `indent`.
void flow(std::string& out, std::string_view words, std::size_t column, std::size_t indent) {
  bool first = true;
  while (!words.empty()) {
    const std::size_t length = std::min(words.find(' '), words.size());
    if (!first && column + 1 + length > kColumns) {
      out.append("\n").append(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += words.substr(0, length);
    column += length;
    first = false;
    words.remove_prefix(std::min(length + 1, words.size()));
  }
  out += '\n';
}

/// A label, and beside it from `column` on what it means.
void beside(std::string& out, const std::string& label, std::size_t column,
            std::string_view words) {
  out += label;
  const std::size_t blanks =
      label.size() + 2 <= column ? column - label.size() : (out += '\n', column);
  out.append(blanks, ' ');
  flow(out, words, column, column);
}

std::string value_of(const Option& option, char before) {
  if (option.value.empty()) return {};
  const std::string value = before == 0 ? option.value : before + option.value;
  return option.optional ? "[" + value + "]" : value;
}

/// "  -s, --signal=SIGNAL", "      --table", "  -n SIGNAL"
std::string label_of(const Option& option) {
  std::string label = "  ";
  if (option.letter != 0) label.append("-").append(1, option.letter);
  if (option.name.empty()) {
    if (!option.value.empty() && !option.optional) label += ' ';
    return label + value_of(option, 0);
  }
  label += option.letter != 0 ? ", " : "    ";
  return label + "--" + option.name + value_of(option, '=');
}

/// Two blanks beside the longest label, of those that are not too long.
template <class Items, class Label>
std::size_t column_beside(const Items& items, const Label& label) {
  std::size_t widest = 0;
  for (const auto& item : items)
    if (const std::size_t width = label(item).size(); width <= kWidestLabel)
      widest = std::max(widest, width);
  return widest + 2;
}

void add_usage(std::string& out, const Manual& manual) {
  std::string_view before = "Usage: ";
  for (const std::string& synopsis : manual.synopsis) {
    const std::string start = std::string(before) + manual.name + " ";
    out += start;
    flow(out, synopsis, start.size(), start.size());
    before = "  or:  ";
  }
}

void add_options(std::string& out, const Manual& manual) {
  if (manual.options.empty()) return;
  out += "\nOptions:\n";
  const std::size_t column = column_beside(manual.options, label_of);
  for (const Option& option : manual.options) beside(out, label_of(option), column, option.help);
}

/// "  124" of "124\tthe time was up"; "" of a paragraph that explains no word.
std::string term_of(const std::string& paragraph) {
  const std::size_t tab = paragraph.find('\t');
  return tab == std::string::npos ? "" : "  " + paragraph.substr(0, tab);
}

void add_section(std::string& out, const Section& section) {
  out.append("\n").append(section.heading).append(":\n");
  const std::size_t column = column_beside(section.paragraphs, term_of);
  for (const std::string& paragraph : section.paragraphs) {
    const std::string term = term_of(paragraph);
    if (!term.empty()) {
      beside(out, term, column, std::string_view(paragraph).substr(paragraph.find('\t') + 1));
    } else {
      out += "  ";
      flow(out, paragraph, 2, 2);
    }
  }
}

}  // namespace

std::string help_text(const Manual& manual) {
  std::string out;
  add_usage(out, manual);
  flow(out, manual.summary + ".", 0, 0);
  add_options(out, manual);
  for (const Section& section : manual.sections) add_section(out, section);
  return out;
}

std::string version_text(std::string_view name) {
  return std::string(name) + " (knell) " KNELL_VERSION "\n";
}

}  // namespace knell::compat
