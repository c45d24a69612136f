#include "knell/compat/kill_signals.hpp"

#include <strings.h>

#include <algorithm>

#include "knell/compat/typed_number.hpp"

namespace knell::compat {
namespace {

constexpr int kRealTimeMiddle = Signal::kRealTimeFirst + 15;
constexpr int kPoll = 29;
/// procps: a number may be so large that with SIGRTMIN added it is still 127.
constexpr long kLargestOfProcps = 127 - Signal::kRealTimeFirst;

bool starts_with(std::string_view word, std::string_view with) {
  return word.size() >= with.size() && ::strncasecmp(word.data(), with.data(), with.size()) == 0;
}

bool is(std::string_view word, std::string_view name) {
  return word.size() == name.size() && starts_with(word, name);
}

/// util-linux: RT3 is RTMIN+3.
std::optional<Signal> short_real_time(std::string_view digits) {
  const std::optional<long> place = typed_number<long>(digits);
  if (!place || *place > Signal::kLast - Signal::kRealTimeFirst) return std::nullopt;
  return Signal(Signal::kRealTimeFirst + static_cast<int>(*place));
}

std::optional<Signal> numbered(long number, long last = Signal::kLast) {
  if (number < 0 || number > last) return std::nullopt;
  return Signal(static_cast<int>(number));
}

bool has_name(Style style, Signal signal) {
  return !signal_name(style, signal).empty();
}

/// A status as a shell shows it has bit 7 set, and ksh's bit 8.
long without_status_bits(long number) {
  return number & (number >= 0xFF ? 0xFF : 0x7F);
}

std::string real_time_name(Style style, int number) {
  const int place = number - Signal::kRealTimeFirst;
  if (style == Style::util_linux) return "RT" + std::to_string(place);
  if (number == Signal::kRealTimeFirst) return "RTMIN";
  if (number == Signal::kLast) return "RTMAX";
  return number <= kRealTimeMiddle ? "RTMIN+" + std::to_string(place)
                                   : "RTMAX-" + std::to_string(Signal::kLast - number);
}

}  // namespace

bool all_digits(std::string_view word) {
  return !word.empty() &&
         std::ranges::all_of(word, [](char letter) { return letter >= '0' && letter <= '9'; });
}

std::optional<Signal> named_signal(std::string_view word) {
  if (starts_with(word, "SIG")) word.remove_prefix(3);
  if (is(word, "EXIT") || is(word, "NULL")) return Signal(0);
  if (word.empty() || all_digits(word)) return std::nullopt;
  if (starts_with(word, "RT") && all_digits(word.substr(2))) return short_real_time(word.substr(2));
  return Signal::parse(word);
}

std::optional<Signal> signal_to_send(Style style, std::string_view word) {
  if (!all_digits(word)) return named_signal(word);
  const std::optional<long> number = typed_number<long>(word);
  if (!number) return std::nullopt;
  if (style == Style::procps) return numbered(*number, kLargestOfProcps);
  const auto signal = numbered(style == Style::coreutils ? without_status_bits(*number) : *number);
  const bool needs_name = style == Style::coreutils || style == Style::toybox;
  return signal && needs_name && !has_name(style, *signal) ? std::nullopt : signal;
}

std::optional<Signal> signal_of_status(Style style, std::string_view digits) {
  const std::optional<long> number = typed_number<long>(digits);
  if (!number || *number < 0) return std::nullopt;
  if (style == Style::procps) return *number == 0 ? std::nullopt : numbered(*number, 31);
  if (style == Style::util_linux) {
    const bool status = *number > Signal::kLast && (*number & 0x80) != 0;
    return numbered(status ? *number - 0x80 : *number);
  }
  const auto signal = numbered(without_status_bits(*number));
  return signal && has_name(style, *signal) ? signal : std::nullopt;
}

std::string signal_name(Style style, Signal signal) {
  const int number = signal.number();
  if (number == 0) return style == Style::coreutils || style == Style::knell ? "EXIT" : "0";
  if (number == kPoll && style != Style::util_linux && style != Style::toybox) return "POLL";
  if (number >= Signal::kRealTimeFirst) return real_time_name(style, number);
  if (number == 32 || number == 33)  // glibc's own: they have no names
    return style == Style::coreutils || style == Style::toybox ? "" : std::to_string(number);
  return signal.name();
}

}  // namespace knell::compat
