#pragma once

#include <string>

namespace knell::compat {

/// From here on letters, ranges of letters and the C library's messages are those of the caller's
/// locale, locale(7). To be called by whoever needs them and not by everybody at the start, because
/// it takes a tenth of killall's time.
void use_locale();

/// What strerror(3) says, in the caller's language.
[[nodiscard]] std::string reason_of(int error);

}  // namespace knell::compat
