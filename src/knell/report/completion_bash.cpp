#include <ranges>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "knell/report/completion.hpp"

namespace knell::report {
namespace {

/// The words of `compgen` that offer the value of an option.
std::string offer(const Option& option) {
  switch (hint_of(option)) {
    case Hint::values:
      return fmt::format("-W '{}'", fmt::join(option.values, " "));
    case Hint::files:
      return "-f";
    case Hint::folders:
      return "-d";
    case Hint::signals:
      return "-W '" + signal_names() + "'";
    case Hint::users:
      return "-u";
    case Hint::groups:
      return "-g";
    case Hint::processes:
      return "-W \"$(ps -eo pid=)\"";
    case Hint::terminals:
      return "-W \"$(ps -eo tty= | sort -u)\"";
    case Hint::unknown:
      break;
  }
  return "";
}

std::string offer(Operands operands) {
  switch (operands) {
    case Operands::processes:
      return "-W \"$(ps -eo pid=,comm=)\"";
    case Operands::names:
      return "-W \"$(ps -eo comm= | sort -u)\"";
    case Operands::files:
      return "-f";
    case Operands::commands:
      return "-c";
    case Operands::none:
      break;
  }
  return "";
}

std::string reply(const std::string& words, const char* indent) {
  if (words.empty()) return fmt::format("{}return\n", indent);
  return fmt::format("{}mapfile -t COMPREPLY < <(compgen {} -- \"$word\"); return\n", indent,
                     words);
}

/// The values of options, each after its option.
std::string values_text(const Manual& manual) {
  std::string text;
  for (const Option& option : manual.options) {
    if (option.value.empty() || option.optional) continue;
    text += fmt::format("    {})\n{}      ;;\n", fmt::join(spellings(option), "|"),
                        reply(offer(option), "      "));
  }
  return text.empty() ? text : "  case $before in\n" + text + "  esac\n";
}

std::string function_text(const Manual& manual) {
  std::vector<std::string> all;
  for (const Option& option : manual.options)
    for (std::string& each : spellings(option)) all.push_back(std::move(each));
  std::string text = identifier(manual.name) + "() {\n";
  text += "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n";
  text += values_text(manual);
  text += "  if [[ $word == -* ]]; then\n" +
          reply(fmt::format("-W '{}'", fmt::join(all, " ")), "    ") + "  fi\n";
  return text + reply(offer(manual.operands), "  ") + "}\n\n";
}

/// The words that go on from a command to those below it.
std::vector<std::string> next_words(std::span<const Manual> manuals, const Manual& from) {
  const std::size_t depth = below(manuals.front(), from).size() + 1;
  std::vector<std::string> next;
  for (const Manual& manual : manuals) {
    const std::vector<std::string> words = below(manuals.front(), manual);
    if (words.size() == depth && manual.name.starts_with(from.name + " "))
      next.push_back(words.back());
  }
  return next;
}

/// Which command it is, by the words behind the program's name: those below before those above.
std::string dispatch_text(std::span<const Manual> manuals) {
  std::string text = identifier("any " + manuals.front().name) + "() {\n";
  text += "  local word=${COMP_WORDS[COMP_CWORD]}\n";
  text += "  local typed=\"${COMP_WORDS[*]:1:COMP_CWORD - 1} \"\n  case $typed in\n";
  for (const Manual& manual : manuals | std::views::reverse) {
    const std::vector<std::string> words = below(manuals.front(), manual);
    const std::string typed = fmt::format("{} ", fmt::join(words, " "));
    if (const std::vector<std::string> next = next_words(manuals, manual); !next.empty())
      text += fmt::format("    '{}')\n      [[ $word == -* ]] || {{\n{}      }} ;;\n", typed,
                          reply(fmt::format("-W '{}'", fmt::join(next, " ")), "        "));
    if (!words.empty())
      text += fmt::format("    '{}'*) {}; return ;;\n", typed, identifier(manual.name));
  }
  return text + "  esac\n  " + identifier(manuals.front().name) + "\n}\n\n";
}

}  // namespace

std::string bash_completions(std::span<const Manual> manuals) {
  const Manual& program = manuals.front();
  std::string text = fmt::format("# Completions of {} for bash.\n\n", program.name);
  for (const Manual& manual : manuals) text += function_text(manual);
  if (manuals.size() > 1) text += dispatch_text(manuals);
  const std::string name = manuals.size() > 1 ? "any " + program.name : program.name;
  return text + fmt::format("complete -F {} {}\n", identifier(name), program.name);
}

}  // namespace knell::report
