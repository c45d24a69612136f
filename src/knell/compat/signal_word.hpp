#pragma once

/// Signals as procps reads them.

#include <optional>
#include <string_view>
#include <vector>

#include "knell/world/signal.hpp"

namespace knell::compat {

/// What Signal::parse() knows, and "EXIT" and "NULL" for 0.
[[nodiscard]] std::optional<Signal> procps_signal(std::string_view word);

/// `pkill -HUP …`: the first word before "--" that is a dash and a signal. It is taken out of
/// `words`, whose first is the command's name.
[[nodiscard]] std::optional<Signal> take_signal_word(std::vector<char*>& words);

}  // namespace knell::compat
