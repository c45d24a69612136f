#include "knell/compat/signal_word.hpp"

#include <strings.h>

#include <string>

namespace knell::compat {

std::optional<Signal> procps_signal(std::string_view word) {
  if (const auto signal = Signal::parse(word)) return signal;
  const std::string text(word);
  if (::strcasecmp(text.c_str(), "EXIT") == 0 || ::strcasecmp(text.c_str(), "NULL") == 0)
    return Signal(0);
  return std::nullopt;
}

std::optional<Signal> take_signal_word(std::vector<char*>& words) {
  for (std::size_t place = 1; place < words.size(); ++place) {
    const std::string_view word = words[place];
    if (word == "--") break;
    if (!word.starts_with('-')) continue;
    const auto signal = procps_signal(word.substr(1));
    if (!signal) continue;
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(place));
    return signal;
  }
  return std::nullopt;
}

}  // namespace knell::compat
