#include "knell/report/completion.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace knell::report {

Hint hint_of(const Option& option) {
  if (!option.values.empty()) return Hint::values;
  constexpr std::array<std::pair<std::string_view, Hint>, 9> kHints{{{"FILE", Hint::files},
                                                                     {"DIR", Hint::folders},
                                                                     {"SIG", Hint::signals},
                                                                     {"SIGNAL", Hint::signals},
                                                                     {"USER", Hint::users},
                                                                     {"NAME", Hint::users},
                                                                     {"GROUP", Hint::groups},
                                                                     {"PID", Hint::processes},
                                                                     {"TTY", Hint::terminals}}};
  const std::string_view value = std::string_view(option.value).substr(0, option.value.find(','));
  const auto found = std::ranges::find(kHints, value, &std::pair<std::string_view, Hint>::first);
  return found == kHints.end() ? Hint::unknown : found->second;
}

std::string signal_names() {
  return "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT "
         "STOP "
         "TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";
}

std::vector<std::string> spellings(const Option& option) {
  std::vector<std::string> all;
  if (option.letter != 0) all.push_back(std::string{'-', option.letter});
  if (!option.name.empty()) all.push_back("--" + option.name);
  return all;
}

std::string identifier(std::string_view name) {
  std::string word;
  for (const char each : name) word += each == ' ' || each == '-' ? '_' : each;
  return "_knell_complete_" + word;
}

std::vector<std::string> below(const Manual& program, const Manual& command) {
  std::vector<std::string> words;
  std::string_view rest = command.name;
  rest.remove_prefix(std::min(program.name.size() + 1, rest.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return words;
}

std::string completions(Shell shell, std::span<const Manual> manuals) {
  if (manuals.empty()) return "";
  switch (shell) {
    case Shell::bash:
      return bash_completions(manuals);
    case Shell::zsh:
      return zsh_completions(manuals);
    case Shell::fish:
      return fish_completions(manuals);
  }
  return "";
}

}  // namespace knell::report
