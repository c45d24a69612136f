#include "knell/report/numbers.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "knell/report/text.hpp"

namespace knell::report {
namespace {

/// 123 tenths are "12.3", 120 are "12".
std::string tenths_text(std::uint64_t tenths) {
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text.append(".").append(std::to_string(tenths % 10));
  return text;
}

std::string two_units(std::uint64_t big, const char* big_unit, std::uint64_t small,
                      const char* small_unit) {
  std::string text = std::to_string(big) + big_unit;
  if (small != 0) text.append(" ").append(std::to_string(small)).append(small_unit);
  return text;
}

}  // namespace

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t left = text.size(); left > 3; left -= 3) text.insert(left - 3, 1, ',');
  return text;
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view many) {
  std::string text = count_text(count);
  return text.append(" ").append(count == 1 ? one : many);
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  for (unsigned power = 0; power < kUnits.size(); ++power) {
    const std::uint64_t unit = std::uint64_t{1024} << (10U * power);
    const std::uint64_t tenths = bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit;
    if (tenths < 1000) return tenths_text(tenths) + kUnits[power];
    // Three digits are enough; what rounds to 1,024 of a unit is 1 of the next.
    const std::uint64_t whole = bytes / unit + (bytes % unit >= unit / 2 ? 1 : 0);
    if (whole < 1024) return std::to_string(whole) + kUnits[power];
  }
  return {};
}

std::string duration_text(std::chrono::microseconds duration) {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  if (us == 0) return "0 ms";
  if (us < 950) return tenths_text(std::max<std::uint64_t>((us + 50) / 100, 1)) + " ms";
  if (us < 999'500) return std::to_string((us + 500) / 1000) + " ms";
  if (us < 59'950'000) return tenths_text((us + 50'000) / 100'000) + " s";
  const std::uint64_t seconds = us / 1'000'000 + (us % 1'000'000 >= 500'000 ? 1 : 0);
  if (seconds < 3600) return two_units(seconds / 60, " min", seconds % 60, " s");
  const std::uint64_t minutes = seconds / 60;
  if (minutes < 1440) return two_units(minutes / 60, " h", minutes % 60, " min");
  return two_units(minutes / 1440, " d", minutes % 1440 / 60, " h");
}

}  // namespace knell::report
