#pragma once

/// What a command's help, its manual page and its completions are made of: one description, so that
/// none of them can say what another does not.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace knell::report {

struct Option {
  char letter = 0;        ///< 0: it has none
  std::string name;       ///< without its two dashes; "": it has none
  std::string value;      ///< what its value is called, "PID"; "": it takes none
  std::string help;       ///< a few words, beginning with a capital, without a full stop
  bool optional = false;  ///< its value may be left out, and stands in the same word if given
  std::vector<std::string> values;  ///< all there are, where they are known
};

/// A part of a manual page: a heading and its paragraphs. A paragraph with a tab explains a word:
/// "124\tThe time was up"; one that begins with a blank is shown line by line as it stands.
struct Section {
  std::string heading;
  std::vector<std::string> paragraphs;
};

/// What the operands of a command are: only completions ask.
enum class Operands : std::uint8_t { none, processes, names, files, commands };

struct Manual {
  std::string name;                   ///< as it is typed: "pgrep", "knell kill"
  std::string summary;                ///< what it does, in half a line
  std::vector<std::string> synopsis;  ///< without the name: "[OPTION]... PATTERN"
  std::vector<Option> options;
  std::vector<Section> sections;  ///< in the order of the page
  Operands operands = Operands::none;
};

/// The source of a page of section 1, for scdoc(1).
[[nodiscard]] std::string scdoc_text(const Manual& manual);

enum class Shell : std::uint8_t { bash, zsh, fish };

/// A file of completions for one program: a manual alone, or a program's and its commands'
/// ("knell", "knell kill", "knell android kill"), the program's first.
[[nodiscard]] std::string completions(Shell shell, std::span<const Manual> manuals);

}  // namespace knell::report
