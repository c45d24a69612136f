#include "knell/compat/kill_options.hpp"

#include <algorithm>

#include "knell/compat/kill.hpp"

namespace knell::compat {
namespace {

using report::Option;

/// The letters of an original; those of its long names with them.
std::string_view letters_of(Style style) {
  switch (style) {
    case Style::coreutils:
      return "lLnst";
    case Style::util_linux:
      return "adhlLpqrsvV";
    case Style::procps:
      return "hlLqsV";
    case Style::toybox:
      return "ls";
    default:
      return "adhlLnpqrstvV";
  }
}

}  // namespace

/// Most calls have none, and need not make the manual.
const std::vector<Option>& KillOptions::all() const {
  if (!manual_) manual_ = kill_manual();
  return manual_->options;
}

const Option* KillOptions::by_letter(char letter) const {
  if (!letters_of(style_).contains(letter)) return nullptr;
  const auto found = std::ranges::find(all(), letter, &Option::letter);
  return found == all().end() ? nullptr : &*found;
}

bool KillOptions::knows(const Option& option) const {
  if (option.name == "help" || option.name == "version") return true;
  if (option.name.empty() || style_ == Style::toybox) return false;
  if (option.letter != 0) return letters_of(style_).contains(option.letter);
  return style_ == Style::util_linux || style_ == Style::knell;
}

const Option* KillOptions::by_name(std::string_view name) const {
  const Option* beginning = nullptr;
  for (const Option& option : all()) {
    if (!knows(option) || !option.name.starts_with(name)) continue;
    if (option.name == name) return &option;
    if (beginning != nullptr || !as_getopt()) return nullptr;
    beginning = &option;
  }
  return beginning;
}

}  // namespace knell::compat
