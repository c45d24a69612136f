#include "knell/compat/kill_messages.hpp"

#include <cerrno>

#include "knell/compat/locale.hpp"

namespace knell::compat::messages {
namespace {

std::string quoted(std::string_view word) {
  return "'" + std::string(word) + "'";
}

constexpr std::string_view kSeeHelp = " (see \"kill --help\")";

}  // namespace

bool starts_signal(char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

std::string invalid_signal(Style style, std::string_view word) {
  switch (style) {
    case Style::coreutils:
      return quoted(word) + ": invalid signal";
    case Style::util_linux:
      return "unknown signal " + std::string(word) + "; valid signals:";
    case Style::toybox:
      return "Unknown signal " + quoted(word);
    default:
      return "unknown signal " + quoted(word);
  }
}

std::string invalid_dash_signal(Style style, std::string_view word) {
  if (style == Style::util_linux) return "invalid signal name or number: " + std::string(word);
  return invalid_signal(style, word);
}

std::string unknown_signal(Style style, std::string_view word) {
  if (style == Style::util_linux) return "unknown signal: " + std::string(word);
  if (style == Style::procps) return "unknown signal name " + std::string(word);
  return invalid_signal(style, word);
}

std::string unknown_option(Style style, std::string_view word, char letter) {
  switch (style) {
    case Style::coreutils:
      if (letter == 0) return "unrecognized option " + quoted(word);
      return "invalid option -- " +
             (starts_signal(letter) ? std::string(1, letter) : quoted({&letter, 1}));
    case Style::procps:
      return "invalid argument " + (letter == 0 ? std::string(word) : std::string(1, letter));
    case Style::util_linux:
    case Style::toybox:
      return invalid_dash_signal(style, word.substr(1));
    default:
      return quoted(word) + " is neither an option nor a signal";
  }
}

std::string value_missing(Style style, std::string_view option) {
  const bool letter = !option.starts_with("--");
  switch (style) {
    case Style::coreutils:
      return letter ? "option requires an argument -- " + quoted(option.substr(1))
                    : "option " + quoted(option) + " requires an argument";
    case Style::util_linux:
      return option == "-s" || option == "--signal"
                 ? "not enough arguments"
                 : "option " + quoted(option) + " requires an argument";
    case Style::procps:
      return "invalid argument " + std::string(option.substr(letter ? 1 : 2, 1));
    case Style::toybox:
      return "Missing argument to " + std::string(option).append(kSeeHelp);
    default:
      return std::string(option) + " needs a value";
  }
}

std::string value_invalid(Style style, std::string_view word) {
  if (style == Style::util_linux) return "argument error: " + quoted(word);
  if (style == Style::procps)
    return "must be an integer value to be passed with the signal.: " + quoted(word);
  return quoted(word) + " is not a whole number, or too large";
}

std::string nobody_named(Style style) {
  switch (style) {
    case Style::coreutils:
      return "no process ID specified";
    case Style::util_linux:
      return "not enough arguments";
    case Style::procps:
      return {};
    case Style::toybox:
      return "missing argument" + std::string(kSeeHelp);
    default:
      return "no process is named";
  }
}

std::string second_signal(Style style, std::string_view word) {
  if (style == Style::coreutils) return quoted(word) + ": multiple signals specified";
  return "a second signal: " + quoted(word);
}

std::string invalid_target(Style style, std::string_view word) {
  switch (style) {
    case Style::coreutils:
      return quoted(word) + ": invalid process id";
    case Style::util_linux:
      return "cannot find process \"" + std::string(word) + "\"";
    case Style::procps:
      return "failed to parse argument: " + quoted(word);
    case Style::toybox:
      return not_sent(style, word, ESRCH);
    default:
      return quoted(word) + ": no such process, nor any other of this name";
  }
}

std::string not_sent(Style style, std::string_view word, int number) {
  const std::string reason = reason_of(number);
  switch (style) {
    case Style::coreutils:
      return quoted(word) + ": " + reason;
    case Style::util_linux:
      return "sending signal to " + std::string(word) + " failed: " + reason;
    case Style::procps:
      return "(" + std::string(word) + "): " + reason;
    case Style::toybox:
      return "bad pid " + quoted(word) + ": " + reason;
    default:
      return std::string(word) + ": " + reason;
  }
}

}  // namespace knell::compat::messages
