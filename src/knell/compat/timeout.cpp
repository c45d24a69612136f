#include "knell/compat/timeout.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "knell/compat/help.hpp"
#include "knell/compat/kill_signals.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/timeout_group.hpp"
#include "knell/compat/timeout_request.hpp"
#include "knell/compat/timeout_whole.hpp"
#include "knell/compat/words.hpp"

namespace knell::compat {
namespace {

constexpr int kFailed = 125;

int refuse(const report::Manual& manual, const std::string& why = {}) {
  if (!why.empty()) complain(manual.name, why);
  const std::string hint = "Try '" + manual.name + " --help' for more information.\n";
  static_cast<void>(::write(STDERR_FILENO, hint.data(), hint.size()));
  return kFailed;
}

/// What an option means; an Error says what is wrong with its value.
Result<void> apply(TimeoutRequest& request, const Given& given) {
  if (given.is('f')) request.foreground = true;
  if (given.is('p')) request.preserve_status = true;
  if (given.is('v')) request.verbose = true;
  if (given.is("whole")) request.whole = true;
  if (given.is('k')) request.kill_after = KNELL_TRY(parse_span(given.value));
  if (given.is('s')) {
    const auto signal = signal_to_send(Style::coreutils, given.value);
    if (!signal) return std::unexpected(Error{0, "", "'" + given.value + "': invalid signal", ""});
    request.signal = *signal;
  }
  return {};
}

/// A descriptor of ours must not be taken for a standard one that was closed.
void fill_standard_descriptors() {
  int fd = 0;
  do fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO);
  ::close(fd);
}

}  // namespace

int run_timeout(int argc, char** argv) {
  const report::Manual manual = timeout_manual();
  const Words words = parse(manual, argc, argv, Order::options_first);
  TimeoutRequest request;
  for (const Given& given : words.options) {
    if (given.is("help")) return print(manual.name, help_text(manual)) ? 0 : kFailed;
    if (given.is("version")) return print(manual.name, version_text(manual.name)) ? 0 : kFailed;
    if (const auto applied = apply(request, given); !applied)
      return refuse(manual, applied.error().message());
  }
  if (!words.understood || words.operands.size() < 2) return refuse(manual);
  const auto after = parse_span(words.operands.front());
  if (!after) return refuse(manual, after.error().message());
  request.after = *after;
  request.command.assign(words.operands.begin() + 1, words.operands.end());
  if (!request.whole) return run_with_group(manual.name, request);
  fill_standard_descriptors();
  return run_whole(manual.name, request);
}

report::Manual timeout_manual() {
  return {
      .name = "timeout",
      .summary = "Runs a command, and ends it when its time is up",
      .synopsis = {"[OPTION]... DURATION COMMAND [ARGUMENT]..."},
      .options =
          {{'k', "kill-after", "DURATION", "Send KILL, too, so long after the first signal"},
           {'s', "signal", "SIGNAL", "The first signal, by name or number (TERM)"},
           {0, "whole", "",
            "End all that the command has started, wherever it went, when its time is up or it "
            "has ended: SIGNAL, then after 10 s, or as -k says, KILL"},
           {'f', "foreground", "",
            "Leave the command in the foreground, so that it may read the terminal; only the "
            "command itself gets the signals"},
           {'p', "preserve-status", "", "The command's own exit status even if its time was up"},
           {'v', "verbose", "", "Say on standard error which signals are sent"},
           {0, "help", "", "Print this"},
           {0, "version", "", "Print the version"}},
      .sections =
          {{"A duration is",
            {"A number, 1.5 or 1e3, with s, m, h or d behind it: seconds if nothing is. 0 is for "
             "ever."}},
           {"Exit status",
            {"124\tthe time was up, and there is no --preserve-status",
             "125\ttimeout itself failed", "126\tthe command was found, but could not be run",
             "127\tit was not found", "137\tit had to be killed with KILL",
             "other\tthe command's own"}}},
      .operands = report::Operands::commands};
}

}  // namespace knell::compat
