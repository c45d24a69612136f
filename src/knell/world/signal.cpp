#include "knell/world/signal.hpp"

#include <array>
#include <charconv>

namespace knell {
namespace {

// signal(7); the numbers are those of include/uapi/asm-generic/signal.h.
constexpr std::array<std::string_view, 32> kNames = {
    "",     "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
    "SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS"};

struct Alias {
  std::string_view name;
  int number;
};
constexpr std::array<Alias, 5> kAliases = {
    {{"IOT", 6}, {"CLD", 17}, {"POLL", 29}, {"UNUSED", 31}, {"INFO", 30}}};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::optional<Signal> real_time(std::string_view name) {
  const bool from_first = name.starts_with("RTMIN");
  if (!from_first && !name.starts_with("RTMAX")) return {};
  const int base = from_first ? Signal::kRealTimeFirst : Signal::kLast;
  const std::string_view rest = name.substr(5);
  if (rest.empty()) return Signal(base);
  if (rest.front() != (from_first ? '+' : '-')) return {};
  const std::optional<int> offset = whole_number(rest.substr(1));
  if (!offset || *offset < 0 || *offset > Signal::kLast - Signal::kRealTimeFirst) return {};
  return Signal(from_first ? base + *offset : base - *offset);
}

}  // namespace

std::string Signal::name() const {
  if (number_ > 0 && number_ < static_cast<int>(kNames.size()))
    return std::string(kNames[static_cast<std::uint8_t>(number_)]);
  if (number_ == kRealTimeFirst) return "RTMIN";
  if (number_ == kLast) return "RTMAX";
  if (number_ > kRealTimeFirst && number_ < kLast)
    return "RTMIN+" + std::to_string(number_ - kRealTimeFirst);
  return std::to_string(number_);
}

DefaultAction Signal::default_action() const {
  if (signals::kKernelStop.has(*this)) return DefaultAction::stop;
  if (signals::kKernelCoredump.has(*this)) return DefaultAction::core;
  if (*this == signals::kCont) return DefaultAction::resume;
  if (signals::kKernelIgnore.has(*this)) return DefaultAction::ignore;
  return DefaultAction::terminate;
}

std::optional<Signal> Signal::parse(std::string_view text) {
  if (std::optional<int> number = whole_number(text)) {
    if (*number < 0 || *number > kLast) return {};
    return Signal(*number);
  }
  const std::string whole = upper(text);
  std::string_view name = whole;
  if (name.starts_with("SIG")) name.remove_prefix(3);
  if (name.empty()) return {};
  for (std::size_t number = 1; number < kNames.size(); ++number)
    if (kNames[number] == name) return Signal(static_cast<int>(number));
  for (const Alias& alias : kAliases)
    if (alias.name == name) return Signal(alias.number);
  return real_time(name);
}

}  // namespace knell
