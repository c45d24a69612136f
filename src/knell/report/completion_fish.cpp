#include <fmt/format.h>
#include <fmt/ranges.h>

#include "knell/report/completion.hpp"

namespace knell::report {
namespace {

std::string quoted(std::string_view words) {
  std::string text = "'";
  for (const char each : words) {
    if (each == '\'' || each == '\\') text += '\\';
    text += each;
  }
  return text + "'";
}

/// What follows an option that takes a value.
std::string value_text(const Option& option) {
  if (option.value.empty() || option.optional) return "";
  switch (hint_of(option)) {
    case Hint::values:
      return fmt::format(" -x -a '{}'", fmt::join(option.values, " "));
    case Hint::files:
      return " -r -F";
    case Hint::folders:
      return " -x -a '(__fish_complete_directories)'";
    case Hint::signals:
      return " -x -a '" + signal_names() + "'";
    case Hint::users:
      return " -x -a '(__fish_complete_users)'";
    case Hint::groups:
      return " -x -a '(__fish_complete_groups)'";
    case Hint::processes:
      return " -x -a '(__fish_complete_pids)'";
    case Hint::terminals:
    case Hint::unknown:
      break;
  }
  return " -x";
}

std::string operands_text(Operands operands) {
  switch (operands) {
    case Operands::processes:
      return " -a '(__fish_complete_pids)'";
    case Operands::names:
      return " -a '(__fish_complete_proc)'";
    case Operands::files:
      return " -F";
    case Operands::commands:
      return " -a '(__fish_complete_subcommand)'";
    case Operands::none:
      break;
  }
  return "";
}

std::string manual_text(const Manual& program, const Manual& manual, const std::string& condition) {
  const std::string begin = "complete -c " + program.name + condition;
  std::string text;
  for (const Option& option : manual.options) {
    text += begin;
    if (option.letter != 0) text += fmt::format(" -s {}", option.letter);
    if (!option.name.empty()) text += " -l " + option.name;
    text += value_text(option) + " -d " + quoted(option.help) + "\n";
  }
  const std::string operands = operands_text(manual.operands);
  if (!operands.empty()) text += begin + operands + "\n";
  return text;
}

constexpr const char* kIs = R"(# Whether these are the words behind the program's name.
function __knell_is
    set -l typed (commandline -opc)[2..]
    set -l length (count $argv)
    if test $length -eq 0
        test (count $typed) -eq 0
    else
        test (count $typed) -ge $length; and test "$typed[1..$length]" = "$argv"
    end
end

)";

/// Holds where the cursor is behind the words of this command, and not of one below it.
std::string condition_of(std::span<const Manual> manuals, const Manual& manual) {
  const std::vector<std::string> words = below(manuals.front(), manual);
  return fmt::format(" -n '__knell_is {}'", fmt::join(words, " "));
}

std::string offered_as_word(std::span<const Manual> manuals, const Manual& manual) {
  std::vector<std::string> words = below(manuals.front(), manual);
  if (words.empty()) return "";
  const std::string word = words.back();
  words.pop_back();
  return fmt::format(
      "complete -c {} -n '__knell_is {}; and test (count (commandline -opc)) -eq {}' -a {} -d {}\n",
      manuals.front().name, fmt::join(words, " "), words.size() + 1, word, quoted(manual.summary));
}

}  // namespace

std::string fish_completions(std::span<const Manual> manuals) {
  const Manual& program = manuals.front();
  std::string text = fmt::format("# Completions of {} for fish.\n\n", program.name);
  if (manuals.size() > 1) text += kIs;
  text += fmt::format("complete -c {} -f\n", program.name);
  for (const Manual& manual : manuals) {
    text += offered_as_word(manuals, manual);
    text += manual_text(program, manual, manuals.size() > 1 ? condition_of(manuals, manual) : "");
  }
  return text;
}

}  // namespace knell::report
