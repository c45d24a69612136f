/// Expectations as text.

#include <fmt/format.h>

#include "knell/script/phrases.hpp"
#include "knell/script/print.hpp"
#include "knell/script/words.hpp"
#include "knell/world/error.hpp"

namespace knell::script {
namespace {

using Kind = Fact::Kind;

std::string told_text(const Fact& fact) {
  std::string text = fact.signal.name();
  if (!fact.name.empty()) text += " from " + fact.name;
  if (fact.value) text += fmt::format(" value {}", *fact.value);
  return text;
}

std::string handled_text(const std::vector<Signal>& signals) {
  std::string text;
  for (const Signal signal : signals)
    text += fmt::format("{}{}", text.empty() ? "" : " ", signal.name());
  return text.empty() ? "none" : text;
}

std::string name_or_number(const Fact& fact) {
  return fact.name.empty() ? fmt::format("{}", fact.number) : fact.name;
}

/// What stands behind the fact's words; empty: nothing.
std::string rest_text(const Fact& fact, Rest rest) {
  switch (rest) {
    case Rest::nothing:
      return "";
    case Rest::call:
      return std::string(name_of(fact.call));
    case Rest::may_signal:
      return fact.signal == Signal() ? "" : fact.signal.name();
    case Rest::signal:
      return fact.signal.name();
    case Rest::status:
      return fact.number < 0 ? "" : status_text(static_cast<int>(fact.number));
    case Rest::may_number:
      return fact.number < 0 ? "none" : fmt::format("{}", fact.number);
    case Rest::user:
      return fact.name.empty() && fact.number == -1 ? "same" : name_or_number(fact);
    case Rest::set:
      return set_text(fact.set);
    case Rest::queued:
      return fmt::format("{} {}", fact.signal.name(), fact.number);
    case Rest::handled:
      return fact.kind == Kind::told ? told_text(fact) : handled_text(fact.signals);
    case Rest::result:
      return fact.result ? print(*fact.result) : "";
    case Rest::task:
    case Rest::number:
    case Rest::task_or_number:
      return name_or_number(fact);
  }
  return "";
}

std::string signal_result_text(const Expected& expected) {
  std::string text = signal_text(expected.value);
  if (number_in(text)) text = "signal " + text;
  if (!expected.name.empty()) text += " from " + expected.name;
  return text;
}

}  // namespace

std::string status_text(int status) {
  constexpr int continued = 0xffff, stopped = 0x7f, core = 0x80;
  if (status == continued) return "continued";
  if ((status & 0xff) == stopped) {
    const std::string text = "stopped " + signal_text(status >> 8 & 0xff);
    const int event = status >> 16;
    return event == 0 ? text : fmt::format("{} event {}", text, event);
  }
  if ((status & 0x7f) == 0) return fmt::format("exited {}", status >> 8 & 0xff);
  return fmt::format("killed {}{}", signal_text(status & 0x7f),
                     (status & core) != 0 ? " core" : "");
}

std::string print(const Expected& expected) {
  switch (expected.kind) {
    case Expected::Kind::value:
      return fmt::format("{}", expected.value);
    case Expected::Kind::values:
      return fmt::format("{} {}", expected.value & 0xffff, expected.value >> 16);
    case Expected::Kind::task:
      return expected.name;
    case Expected::Kind::error:
      return errno_name(static_cast<int>(expected.value));
    case Expected::Kind::waited:
      return fmt::format("{} {}", expected.name, status_text(static_cast<int>(expected.value)));
    case Expected::Kind::nobody:
      return "nobody";
    case Expected::Kind::signal:
      return signal_result_text(expected);
    case Expected::Kind::set: {
      const SigSet set(static_cast<std::uint64_t>(expected.value));
      return set.empty() ? "{}" : fmt::format("{{{}}}", set_text(set));
    }
    case Expected::Kind::sleeps:
      return "sleeps";
  }
  return "";
}

std::string print(const Fact& fact) {
  const Phrase& phrase = phrase_of(fact.kind);
  std::string text = fact.negated ? "not " : "";
  text += phrase.first;
  if (!phrase.second.empty()) text += fmt::format(" {}", phrase.second);
  const std::string rest = rest_text(fact, phrase.rest);
  return rest.empty() ? text : text + " " + rest;
}

}  // namespace knell::script
