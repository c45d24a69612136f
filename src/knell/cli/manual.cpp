#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "knell/cli/commands.hpp"
#include "knell/cli/manuals.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/compat/commands.hpp"

namespace knell::cli {
namespace {

constexpr int kUsage = 2;

std::string names_text(const std::vector<report::Manual>& manuals) {
  std::string text;
  for (const report::Manual& manual : manuals) text += manual.name + "\n";
  return text;
}

std::string completions_of(std::string_view format, std::span<const report::Manual> manuals) {
  using report::Shell;
  if (format == "bash") return report::completions(Shell::bash, manuals);
  return report::completions(format == "zsh" ? Shell::zsh : Shell::fish, manuals);
}

int give(const std::string& text) {
  if (const Result<void> printed = print(text); !printed) return complain(printed.error()), kFailed;
  return 0;
}

}  // namespace

int run_manual(const Options& options) {
  const std::string& format = options.manual.format;
  std::vector<report::Manual> manuals = knell_manuals();
  const std::vector<report::Manual> alone = compat_manuals();
  std::string name = fmt::format("{}", fmt::join(options.manual.name, " "));
  if (name.empty()) name = "knell";
  if (format != "man" && format != "list" && name == "knell")
    return give(completions_of(format, manuals));
  manuals.insert(manuals.end(), alone.begin(), alone.end());
  if (format == "list") return give(names_text(manuals));
  const auto found = std::ranges::find(manuals, name, &report::Manual::name);
  if (found == manuals.end() || (format != "man" && name.find(' ') != std::string::npos)) {
    complain(fmt::format("there is no '{}'; knell manual list tells the names", name));
    return kUsage;
  }
  if (format == "man") return give(report::scdoc_text(*found));
  return give(completions_of(format, std::span(&*found, 1)));
}

int run_compat(const Options& options) {
  std::string names;
  for (const compat::Command& command : compat::commands())
    names += (names.empty() ? "" : ", ") + std::string(command.name);
  if (options.compat.empty())
    complain("compat: which command? " + names);
  else
    complain(fmt::format("compat: there is no '{}'; there are {}", options.compat.front(), names));
  return kUsage;
}

}  // namespace knell::cli
