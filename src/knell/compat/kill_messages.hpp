#pragma once

/// What kill complains of, in the words of each original.

#include <string>
#include <string_view>

#include "knell/compat/style.hpp"

namespace knell::compat::messages {

/// Whether coreutils takes a word that begins with a dash and this for a signal.
[[nodiscard]] bool starts_signal(char letter);
/// Of `-s`, `-n` and --timeout.
[[nodiscard]] std::string invalid_signal(Style style, std::string_view word);
/// Of `-NAME` and `-NUMBER`; `word` without the dash.
[[nodiscard]] std::string invalid_dash_signal(Style style, std::string_view word);
/// Of `-l`.
[[nodiscard]] std::string unknown_signal(Style style, std::string_view word);
/// `word` with its dashes; `letter`: which of a cluster, 0 for a long name.
[[nodiscard]] std::string unknown_option(Style style, std::string_view word, char letter);
[[nodiscard]] std::string value_missing(Style style, std::string_view option);
[[nodiscard]] std::string value_invalid(Style style, std::string_view word);
[[nodiscard]] std::string nobody_named(Style style);
[[nodiscard]] std::string second_signal(Style style, std::string_view word);
/// An operand that names nobody it could be sent to.
[[nodiscard]] std::string invalid_target(Style style, std::string_view word);
/// Sending to `word` (the number it stands for) failed; `number` is the errno.
[[nodiscard]] std::string not_sent(Style style, std::string_view word, int number);

}  // namespace knell::compat::messages
