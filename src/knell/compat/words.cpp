#include "knell/compat/words.hpp"

#include <getopt.h>

#include <climits>

namespace knell::compat {
namespace {

using report::Manual;
using report::Option;

// Above any letter: the place of an option in the manual.
constexpr int kByPlace = UCHAR_MAX + 1;

std::string letters_of(const Manual& manual, Order order) {
  std::string letters = order == Order::options_first ? "+" : "";
  for (const Option& option : manual.options) {
    if (option.letter == 0) continue;
    letters += option.letter;
    if (!option.value.empty()) letters += option.optional ? "::" : ":";
  }
  return letters;
}

int argument_of(const Option& option) {
  if (option.value.empty()) return no_argument;
  return option.optional ? optional_argument : required_argument;
}

std::vector<struct option> names_of(const Manual& manual) {
  std::vector<struct option> names;
  int place = kByPlace;
  for (const Option& option : manual.options) {
    if (!option.name.empty())
      names.push_back({option.name.c_str(), argument_of(option), nullptr, place});
    ++place;
  }
  names.push_back({});
  return names;
}

const Option* option_of(const Manual& manual, int code) {
  if (code >= kByPlace) return &manual.options[static_cast<std::size_t>(code - kByPlace)];
  for (const Option& option : manual.options)
    if (option.letter == code) return &option;
  return nullptr;
}

}  // namespace

Words parse(const Manual& manual, int argc, char** argv, Order order, Dashes dashes) {
  Words words;
  const std::string letters = letters_of(manual, order);
  const std::vector<struct option> names = names_of(manual);
  ::optind = 0;  // glibc: begin anew
  ::opterr = dashes == Dashes::two ? 1 : 0;
  const auto next = dashes == Dashes::two ? ::getopt_long : ::getopt_long_only;
  for (int code = 0; (code = next(argc, argv, letters.c_str(), names.data(), nullptr)) != -1;) {
    const Option* const option = option_of(manual, code);
    words.understood = option != nullptr;
    if (!words.understood) break;
    words.options.push_back({option, ::optarg == nullptr ? "" : ::optarg});
  }
  for (int i = ::optind; i < argc; ++i) words.operands.emplace_back(argv[i]);
  return words;
}

}  // namespace knell::compat
