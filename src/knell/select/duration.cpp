#include "knell/select/duration.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "knell/select/selection.hpp"

namespace knell::select {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view ending;
  std::int64_t in_milliseconds;
};
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
// Nanoseconds in 64 bits, as the clocks of <chrono> count, reach 292 years.
constexpr std::int64_t kLongest = 100LL * 365 * 86'400'000;
constexpr std::int64_t kMillion = 1'000'000;

std::int64_t unit_of(std::string_view ending) {
  if (ending.empty()) return 1'000;
  for (const Unit& unit : kUnits)
    if (unit.ending == ending) return unit.in_milliseconds;
  return 0;
}

/// Digits as a number; none where it is beyond every span of time.
std::optional<std::int64_t> whole(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) {
    value = value * 10 + (c - '0');
    if (value > kLongest) return {};
  }
  return value;
}

/// Digits behind a decimal point, in millionths; what is finer is dropped.
std::int64_t millionths(std::string_view digits) {
  std::int64_t value = 0;
  std::int64_t place = kMillion;
  for (const char c : digits) value += (c - '0') * (place /= 10);
  return value;
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  const auto not_understood = [&] {
    return failure(EINVAL, "understand", fmt::format("'{}' as a span of time", text),
                   "write 90 or 90s, 500ms, 10m, 2h, 3d, up to 100 years");
  };
  const auto digits_at = [&](std::size_t from) {
    const std::string_view rest = text.substr(from);
    return rest.substr(0, rest.find_first_not_of("0123456789"));
  };
  const std::string_view before = digits_at(0);
  const bool point = text.substr(before.size()).starts_with('.');
  const std::string_view after = point ? digits_at(before.size() + 1) : std::string_view{};
  const std::int64_t unit = unit_of(text.substr(before.size() + after.size() + (point ? 1 : 0)));
  const std::optional<std::int64_t> count = whole(before);
  if (before.size() + after.size() == 0 || unit == 0 || !count || *count > kLongest / unit)
    return not_understood();
  return milliseconds(*count * unit + millionths(after) * unit / kMillion);
}

std::string duration_word(milliseconds duration) {
  for (const Unit& unit : kUnits)
    if (duration.count() % unit.in_milliseconds == 0 && duration.count() != 0)
      return fmt::format("{}{}", duration.count() / unit.in_milliseconds, unit.ending);
  return "0s";
}

}  // namespace knell::select
