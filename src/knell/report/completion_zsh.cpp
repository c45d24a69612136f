#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "knell/report/completion.hpp"

namespace knell::report {
namespace {

/// Inside single quotes, and inside the brackets of a specification for _arguments.
std::string quoted(std::string_view words) {
  std::string text;
  for (const char each : words) {
    if (each == '\'')
      text += "'\\''";
    else if (each == '[' || each == ']' || each == ':' || each == '\\')
      text += std::string{'\\', each};
    else
      text += each;
  }
  return text;
}

std::string action(const Option& option) {
  switch (hint_of(option)) {
    case Hint::values:
      return fmt::format("({})", fmt::join(option.values, " "));
    case Hint::files:
      return "_files";
    case Hint::folders:
      return "_files -/";
    case Hint::signals:
      return "(" + signal_names() + ")";
    case Hint::users:
      return "_users";
    case Hint::groups:
      return "_groups";
    case Hint::processes:
      return "_pids";
    case Hint::terminals:
      return "_ttys";
    case Hint::unknown:
      break;
  }
  return " ";
}

std::string action(Operands operands) {
  switch (operands) {
    case Operands::processes:
      return "'*:process:_pids'";
    case Operands::names:
      return "'*:name:($(ps -eo comm= | sort -u))'";
    case Operands::files:
      return "'*:file:_files'";
    case Operands::commands:
      return "'(-)1:command:_command_names -e' '*::arguments:_normal'";
    case Operands::none:
      break;
  }
  return "";
}

std::string value_of(const Option& option) {
  if (option.value.empty()) return "";
  return fmt::format("{}:{}:{}", option.optional ? ":" : "", quoted(option.value), action(option));
}

std::string option_text(const Option& option) {
  std::string text;
  for (const std::string& each : spellings(option)) {
    // A value stands in the next word or in the same: -s TERM, -sTERM, --signal=TERM.
    const char* joint = "";
    if (!option.value.empty())
      joint =
          each.starts_with("--") ? (option.optional ? "=-" : "=") : (option.optional ? "-" : "+");
    text +=
        fmt::format("    '*{}{}[{}]{}' \\\n", each, joint, quoted(option.help), value_of(option));
  }
  return text;
}

std::string function_text(const Manual& manual) {
  std::string text = identifier(manual.name) + "() {\n  _arguments -s -S \\\n";
  for (const Option& option : manual.options) text += option_text(option);
  return text + "    " + action(manual.operands) + "\n}\n\n";
}

/// The commands below `words`, and for each what goes on from there.
std::string dispatch_text(std::span<const Manual> manuals, const std::string& under,
                          std::size_t depth) {
  const Manual& program = manuals.front();
  std::string listed;
  std::string cases;
  std::string inner;
  for (const Manual& manual : manuals) {
    const std::vector<std::string> words = below(program, manual);
    if (words.size() != depth + 1 || !manual.name.starts_with(under + " ")) continue;
    listed += fmt::format("    '{}:{}'\n", words.back(), quoted(manual.summary));
    const bool has_more = std::ranges::any_of(
        manuals, [&](const Manual& each) { return each.name.starts_with(manual.name + " "); });
    if (has_more) inner += dispatch_text(manuals, manual.name, depth + 1);
    cases += fmt::format("      {}) {} ;;\n", words.back(),
                         identifier((has_more ? "any " : "") + manual.name));
  }
  std::string text =
      inner + identifier("any " + under) + "() {\n  local -a commands=(\n" + listed + "  )\n";
  text += "  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n    _describe command commands\n";
  text += "  else\n    local command=$words[2]\n    shift words\n    ((CURRENT--))\n";
  text += "    case $command in\n" + cases;
  return text + "    esac\n  fi\n}\n\n";
}

}  // namespace

std::string zsh_completions(std::span<const Manual> manuals) {
  const Manual& program = manuals.front();
  std::string text = fmt::format("#compdef {0}\n# Completions of {0} for zsh.\n\n", program.name);
  for (const Manual& manual : manuals) text += function_text(manual);
  if (manuals.size() == 1) return text + identifier(program.name) + " \"$@\"\n";
  return text + dispatch_text(manuals, program.name, 0) + identifier("any " + program.name) +
         " \"$@\"\n";
}

}  // namespace knell::report
