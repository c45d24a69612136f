#include "knell/cli/manuals.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>

#include "knell/cli/grammar.hpp"
#include "knell/compat/commands.hpp"

namespace knell::cli {
namespace {

using report::Manual;
using report::Operands;

/// CLI11 tells what a value may be only in words: "{auto,always,never}".
std::vector<std::string> values_in(std::string_view words) {
  std::vector<std::string> values;
  if (!words.starts_with('{') || !words.ends_with('}')) return values;
  for (const auto each : words.substr(1, words.size() - 2) | std::views::split(','))
    values.emplace_back(each.begin(), each.end());
  return values;
}

std::vector<std::string> values_of(CLI::Option& option) {
  try {
    return values_in(option.get_validator(0)->get_description());
  } catch (const CLI::OptionNotFound&) {  // it has no validator
    return {};
  }
}

std::string value_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  return option.get_option_text().empty() ? option.get_type_name() : option.get_option_text();
}

report::Option option_of(CLI::Option& option) {
  report::Option made;
  if (!option.get_snames().empty()) made.letter = option.get_snames().front().front();
  if (!option.get_lnames().empty()) made.name = option.get_lnames().front();
  made.value = value_of(option);
  made.help = option.get_description();
  if (!made.value.empty()) made.values = values_of(option);
  return made;
}

/// Lines that stand as they are.
std::string indented(const std::string& text) {
  std::string lines;
  for (const auto each : text | std::views::split('\n')) {
    const std::string line(each.begin(), each.end());
    if (line.empty() && lines.empty()) continue;
    lines += (lines.empty() ? "  " : "\n  ") + line;
  }
  return lines;
}

Operands operands_of(std::string_view command) {
  constexpr std::array<std::pair<std::string_view, Operands>, 6> kOperands{
      {{"plan", Operands::processes},
       {"kill", Operands::processes},
       {"find", Operands::processes},
       {"sim", Operands::files},
       {"conform", Operands::files},
       {"run", Operands::commands}}};
  const auto* const found =
      std::ranges::find(kOperands, command, &std::pair<std::string_view, Operands>::first);
  return found == kOperands.end() ? Operands::none : found->second;
}

/// What the help says behind "Usage: NAME".
std::string synopsis_of(const CLI::App& app, const std::string& name) {
  const std::string help = app.help();
  const std::string usage = "Usage: " + name + " ";
  const std::size_t begin = help.find(usage);
  if (begin == std::string::npos) return "";
  const std::size_t from = begin + usage.size();
  return help.substr(from, help.find('\n', from) - from);
}

void add(std::vector<Manual>& manuals, CLI::App& app, const std::string& name) {
  Manual manual{.name = name, .summary = app.get_description()};
  const bool is_program = app.get_parent() == nullptr;
  if (is_program) manual.summary = "ends Linux processes on purpose";
  manual.synopsis = {synopsis_of(app, name)};
  for (CLI::Option* option : app.get_options())
    if (!option->get_positional()) manual.options.push_back(option_of(*option));
  if (is_program) manual.sections.push_back({"Description", {app.get_description()}});
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  if (!commands.empty()) manual.sections.push_back({"Commands", {}});
  for (const CLI::App* command : commands)
    manual.sections.back().paragraphs.push_back(command->get_name() + "\t" +
                                                command->get_description());
  if (const std::string note = indented(app.get_footer()); !note.empty())
    manual.sections.push_back({"Notes", {note}});
  if (app.get_parent() != nullptr && app.get_parent()->get_parent() == nullptr)
    manual.operands = operands_of(app.get_name());
  manuals.push_back(std::move(manual));
  for (CLI::App* command : commands) add(manuals, *command, name + " " + command->get_name());
}

}  // namespace

std::vector<Manual> compat_manuals() {
  std::vector<Manual> manuals;
  for (const compat::Command& command : compat::commands()) manuals.push_back(command.manual());
  return manuals;
}

std::vector<Manual> knell_manuals() {
  Grammar grammar("");
  std::vector<Manual> manuals;
  add(manuals, grammar.app, "knell");
  for (Manual& manual : compat_manuals()) {
    manual.name.insert(0, "knell compat ");
    manuals.push_back(std::move(manual));
  }
  return manuals;
}

}  // namespace knell::cli
