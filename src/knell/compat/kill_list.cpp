#include "knell/compat/kill_list.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "knell/compat/kill_messages.hpp"
#include "knell/compat/kill_signals.hpp"
#include "knell/compat/output.hpp"
#include "knell/live/text.hpp"

namespace knell::compat {
namespace {

struct Entry {
  int number;
  std::string name;
};

constexpr std::string_view kOtherRealTime = "RT<N> RTMIN+<N> RTMAX-<N>";

/// util-linux lists some under two names.
std::string second_name(int number) {
  if (number == 6) return "IOT";
  if (number == 17) return "CLD";
  return number == 29 ? "POLL" : "";
}

std::vector<Entry> entries(Style style) {
  const bool real_time =
      style == Style::coreutils || style == Style::knell || style == Style::toybox;
  std::vector<Entry> all;
  if (style == Style::coreutils) all.push_back({0, "EXIT"});
  for (int number = 1; number <= (real_time ? Signal::kLast : 31); ++number) {
    if (number == 32 || number == 33) continue;
    all.push_back({number, signal_name(style, Signal(number))});
    if (style == Style::util_linux && !second_name(number).empty())
      all.push_back({number, second_name(number)});
  }
  return all;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string number_text(int number) {
  return (number < 10 ? " " : "") + std::to_string(number);
}

// Bare -l.

std::string one_a_line(Style style) {
  std::string text;
  for (const Entry& entry : entries(style)) text += entry.name + "\n";
  return text;
}

/// procps and util-linux: as many names in a line as there is room for, each in its way.
std::string filled_lines(Style style) {
  const bool procps = style == Style::procps;
  std::string text;
  std::size_t used = 0;
  for (const Entry& entry : entries(style)) {
    const bool full = procps ? used > 73 : used + entry.name.size() + 1 > 72;
    if (!text.empty()) text += full ? '\n' : ' ';
    if (full) used = 0;
    const bool blank = procps && !text.empty() && !full;
    used += entry.name.size() + (procps ? (blank ? 1 : 0) : 1);
    text += entry.name;
  }
  if (!procps) text.append(" ").append(kOtherRealTime);
  return text + "\n";
}

std::string toybox_columns() {
  std::string text;
  int in_line = 0;
  for (const Entry& entry : entries(Style::toybox)) {
    text += number_text(entry.number) + ") SIG" + padded(entry.name, 9);
    if (++in_line % 5 == 0) text += '\n';
  }
  return in_line % 5 == 0 ? text : text + "\n";
}

std::string all_names(Style style) {
  switch (style) {
    case Style::util_linux:
    case Style::procps:
      return filled_lines(style);
    case Style::toybox:
      return toybox_columns();
    default:
      return one_a_line(style);
  }
}

// -l with operands.

/// 0x4000: each signal of the mask in a line of its own.
std::optional<std::string> names_in_mask(Style style, std::string_view word) {
  if ((style != Style::knell && style != Style::util_linux) || !word.starts_with("0x"))
    return std::nullopt;
  const auto mask = live::number<std::uint64_t>(word.substr(2), 16);
  if (!mask) return std::nullopt;
  std::string text;
  for (int number = 1; number <= Signal::kLast; ++number)
    if (SigSet(*mask).has(Signal(number))) text += signal_name(style, Signal(number)) + "\n";
  return text;
}

/// A line or more; none where the word means nothing.
std::optional<std::string> converted(Style style, std::string_view word) {
  if (auto names = names_in_mask(style, word)) return names;
  const bool number = all_digits(word);
  const auto signal = number ? signal_of_status(style, word) : named_signal(word);
  if (!signal) return std::nullopt;
  if (number || style == Style::util_linux) return signal_name(style, *signal) + "\n";
  return std::to_string(signal->number()) + "\n";
}

/// What -t says of a signal.
std::string table_row(Style style, Signal signal) {
  const char* const meaning = ::strsignal(signal.number());
  return number_text(signal.number()) + " " + padded(signal_name(style, signal), 8) + " " +
         (meaning == nullptr ? "?" : meaning) + "\n";
}

std::optional<std::string> table_row(Style style, std::string_view word) {
  const auto signal = all_digits(word) ? signal_of_status(style, word) : named_signal(word);
  return signal ? std::optional(table_row(style, *signal)) : std::nullopt;
}

/// procps complains of a signal it does not know, and yet ends with 0.
int status_of_unknown(Style style) {
  return style == Style::procps ? 0 : 1;
}

std::string whole_table(Style style) {
  std::string text;
  for (const Entry& entry : entries(style)) text += table_row(style, Signal(entry.number));
  return text;
}

std::string all_signals(Style style, KillRequest::Action action) {
  if (action == KillRequest::Action::columns) return signal_columns(style);
  return action == KillRequest::Action::table ? whole_table(style) : all_names(style);
}

}  // namespace

/// Seven in a line of 80 columns; util-linux six.
std::string signal_columns(Style style) {
  const std::size_t in_line = style == Style::util_linux ? 6 : 7;
  std::vector<Entry> all = entries(style == Style::util_linux ? style : Style::procps);
  if (style != Style::procps)
    for (const int number : {Signal::kRealTimeFirst, Signal::kLast})
      all.push_back({number, number == Signal::kLast ? "RTMAX" : "RTMIN"});
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool last = (i + 1) % in_line == 0;
    const std::string cell = number_text(all[i].number) + " " + all[i].name;
    text += style != Style::util_linux && last ? cell : padded(cell, 11);
    if (last || i + 1 == all.size()) text += '\n';
  }
  return text;
}

int list_signals(Style style, std::string_view program, const KillRequest& request) {
  const bool table = request.action == KillRequest::Action::table;
  if (request.operands.empty() || request.action == KillRequest::Action::columns)
    return print(program, all_signals(style, request.action)) ? 0 : 1;
  std::string text;
  int status = 0;
  for (const std::string_view word : request.operands) {
    if (const auto line = table ? table_row(style, word) : converted(style, word)) {
      text += *line;
    } else {
      complain(program, messages::unknown_signal(style, word));
      status = status_of_unknown(style);
    }
  }
  return print(program, text) ? status : 1;
}

}  // namespace knell::compat
