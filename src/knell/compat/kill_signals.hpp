#pragma once

/// Signals as kill reads and writes them. Names are taken in every way that any of the originals
/// takes them; how numbers are read, and what is written, is the style's.

#include <optional>
#include <string>
#include <string_view>

#include "knell/compat/style.hpp"
#include "knell/world/signal.hpp"

namespace knell::compat {

/// "TERM", "sigterm", "RTMIN", "RTMIN+3", "RTMAX-1", "RT3", "EXIT" (0).
[[nodiscard]] std::optional<Signal> named_signal(std::string_view word);
/// A signal that is to be sent: a name or a number.
[[nodiscard]] std::optional<Signal> signal_to_send(Style style, std::string_view word);
/// What `kill -l NUMBER` asks for: a signal, or the exit status of whom it ended (137 is KILL).
[[nodiscard]] std::optional<Signal> signal_of_status(Style style, std::string_view digits);
/// "TERM", "POLL" or "IO", "RTMAX-3" or "RT27"; "" where it has none in this style.
[[nodiscard]] std::string signal_name(Style style, Signal signal);

[[nodiscard]] bool all_digits(std::string_view word);

}  // namespace knell::compat
