#include "knell/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

namespace knell::cli {
namespace {

Result<void> write_all(int fd, std::string_view text, const char* name) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(errno, "write to", name);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool wants_colour(When when) {
  if (when != When::automatic) return when == When::always;
  // https://no-color.org: set and not empty, whatever it is.
  return environment("NO_COLOR").empty() && environment("TERM") != "dumb" &&
         ::isatty(STDOUT_FILENO) == 1;
}

/// The character set of the locale, by the rule of setlocale(3): the first of these that is set.
bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string_view::npos ||
           value.find("utf8") != std::string_view::npos;
  }
  return false;
}

std::size_t columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string_view told = environment("COLUMNS");
  std::size_t width = 0;
  std::from_chars(told.data(), told.data() + told.size(), width);
  return width > 0 ? width : 80;
}

}  // namespace

Result<void> print(std::string_view text) {
  return write_all(STDOUT_FILENO, text, "standard output");
}

void complain(std::string_view line) {
  static_cast<void>(write_all(STDERR_FILENO, fmt::format("knell: {}\n", line), ""));
}

void complain(const Error& error) {
  complain(report::shown(error.message()));
}

report::Style style_of(const Options& options) {
  report::Style style;
  style.colour = wants_colour(options.colour);
  style.unicode = speaks_utf8();
  style.verbose = options.verbose;
  style.width = std::clamp<std::size_t>(columns(), 40, 400);
  return style;
}

bool stdin_and_stdout_are_terminals() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

bool ask(std::string_view question) {
  static_cast<void>(write_all(STDERR_FILENO, fmt::format("{} [y/N] ", question), ""));
  std::array<char, 256> answer{};
  ssize_t length = 0;
  do length = ::read(STDIN_FILENO, answer.data(), answer.size());
  while (length < 0 && errno == EINTR);
  return length > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

}  // namespace knell::cli
