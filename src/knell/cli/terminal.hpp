#pragma once

/// Where knell's words go: standard output, standard error, and the person at the terminal.

#include <string>
#include <string_view>

#include "knell/cli/options.hpp"
#include "knell/report/text.hpp"
#include "knell/world/error.hpp"

namespace knell::cli {

/// Exit status when knell itself could not do its work: /proc unreadable, output not writable.
inline constexpr int kFailed = 5;

/// Writes all of it, or says why not (ENOSPC, EPIPE): a plan is never half printed and then acted
/// upon.
[[nodiscard]] Result<void> print(std::string_view text);
/// To standard error, as a line that begins with "knell: ". If even that cannot be written, there
/// is nobody left to tell.
void complain(std::string_view line);
void complain(const Error& error);

/// Colour, width and tree lines as the terminal, the environment (NO_COLOR, TERM, COLUMNS, the
/// locale) and the options have it.
[[nodiscard]] report::Style style_of(const Options& options);

[[nodiscard]] bool stdin_and_stdout_are_terminals();
[[nodiscard]] bool stderr_is_terminal();
/// Asks on standard error; only an answer that begins with y or Y means yes.
[[nodiscard]] bool ask(std::string_view question);

}  // namespace knell::cli
