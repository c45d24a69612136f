#include "knell/compat/timeout_request.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace knell::compat {
namespace {

constexpr double kLongest = 100.0 * 366 * 24 * 3600;  // seconds

/// Seconds in the unit; 0: it is none.
double unit(std::string_view suffix) {
  if (suffix.empty() || suffix == "s") return 1;
  if (suffix == "m") return 60;
  if (suffix == "h") return 3600;
  return suffix == "d" ? 86400 : 0;
}

}  // namespace

Result<std::optional<Nanoseconds>> parse_span(const std::string& word) {
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(word.c_str(), &end);
  const double seconds = unit(end);
  if (end == word.c_str() || seconds == 0 || !(number >= 0))  // a NaN is not, either
    return std::unexpected(Error{0, "", "invalid time interval '" + word + "'", ""});
  if (number == 0 && errno != ERANGE) return std::nullopt;
  if (number * seconds > kLongest) return std::nullopt;
  // Rounded up: what is too little for a nanosecond is one, not for ever. (No function of libm is
  // called: the program would have to load it each time it starts.)
  const double nanoseconds = number * seconds * 1e9;
  const auto whole = static_cast<std::int64_t>(nanoseconds);
  return Nanoseconds(static_cast<double>(whole) < nanoseconds || whole == 0 ? whole + 1 : whole);
}

}  // namespace knell::compat
