#pragma once

/// What a command's help, its manual page and its completions are made of: one description, so that
/// none of them can say what another does not.

#include <string>
#include <vector>

namespace knell::report {

struct Option {
  char letter = 0;        ///< 0: it has none
  std::string name;       ///< without its two dashes; "": it has none
  std::string value;      ///< what its value is called, "PID"; "": it takes none
  std::string help;       ///< a few words, beginning with a capital, without a full stop
  bool optional = false;  ///< its value may be left out, and stands in the same word if given
  std::vector<std::string> values{};  ///< all there are, where they are known
};

/// A part of a manual page: a heading and its paragraphs. A paragraph with a tab explains a word:
/// "124\tThe time was up".
struct Section {
  std::string heading;
  std::vector<std::string> paragraphs;
};

struct Manual {
  std::string name;                   ///< "pgrep", "knell kill"
  std::string summary;                ///< what it does, in half a line
  std::vector<std::string> synopsis;  ///< without the name: "[OPTION]... PATTERN"
  std::vector<Option> options;
  std::vector<Section> sections;  ///< in the order of the page
  /// What its operands are, for completions.
  enum class Operands { none, processes, names, signals, commands, files };
  Operands operands = Operands::none;
};

}  // namespace knell::report
