/// Expectations as text.

#include <fmt/format.h>

#include "knell/script/parts.hpp"
#include "knell/script/print.hpp"
#include "knell/world/error.hpp"

namespace knell::script {
namespace {

using Kind = Fact::Kind;

std::string_view words_of(Kind kind) {
  switch (kind) {
    case Kind::runs:
      return "runs";
    case Kind::in_call:
      return "in";
    case Kind::stopped:
      return "stopped";
    case Kind::traced:
      return "traced";
    case Kind::zombie:
      return "zombie";
    case Kind::gone:
      return "gone";
    case Kind::alive:
      return "alive";
    case Kind::ending:
      return "ending";
    case Kind::parent:
      return "parent";
    case Kind::tracer:
      return "tracer";
    case Kind::group:
      return "group";
    case Kind::session:
    case Kind::terminal_of:
      return "session";
    case Kind::pid:
      return "pid";
    case Kind::inner_pid:
      return "inner pid";
    case Kind::user:
      return "user";
    case Kind::pending:
      return "pending";
    case Kind::own_pending:
      return "own pending";
    case Kind::shared_pending:
      return "shared pending";
    case Kind::queued:
      return "queued";
    case Kind::blocked:
      return "blocked";
    case Kind::ignored:
      return "ignored";
    case Kind::caught:
      return "caught";
    case Kind::handled:
    case Kind::told:
      return "handled";
    case Kind::in_handler:
      return "in handler";
    case Kind::frames:
      return "frames";
    case Kind::returned:
      return "returned";
    case Kind::threads:
      return "threads";
    case Kind::reaped_by:
      return "reaped by";
    case Kind::terminal:
      return "terminal";
    case Kind::descriptor:
      return "open";
    case Kind::subreaper:
      return "subreaper";
    case Kind::foreground:
      return "foreground";
    case Kind::hung_up:
      return "hung up";
    case Kind::held_by:
      return "held by";
    case Kind::free:
      return "free";
    case Kind::owner_died:
      return "owner died";
    case Kind::is:
      return "is";
  }
  return "";
}

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

/// What stands behind the fact's words; empty: nothing.
std::string rest_of(const Fact& fact) {
  switch (fact.kind) {
    case Kind::in_call:
      return std::string(name_of(fact.call));
    case Kind::stopped:
      return fact.signal == Signal() ? "" : fact.signal.name();
    case Kind::in_handler:
      return fact.signal.name();
    case Kind::zombie:
    case Kind::gone:
      return fact.number < 0 ? "" : status_text(static_cast<int>(fact.number));
    case Kind::queued:
      return fmt::format("{} {}", fact.signal.name(), fact.number);
    case Kind::pending:
    case Kind::own_pending:
    case Kind::shared_pending:
    case Kind::blocked:
    case Kind::ignored:
    case Kind::caught:
      return set_text(fact.set);
    case Kind::handled:
      return handled_text(fact.signals);
    case Kind::told:
      return told_text(fact);
    case Kind::returned:
      return fact.result ? print(*fact.result) : "";
    case Kind::terminal:
      return fact.number < 0 ? "none" : fmt::format("{}", fact.number);
    case Kind::user:
      if (fact.name.empty() && fact.number == -1) return "same";
      break;
    case Kind::runs:
    case Kind::traced:
    case Kind::alive:
    case Kind::ending:
    case Kind::subreaper:
    case Kind::hung_up:
    case Kind::free:
    case Kind::owner_died:
      return "";
    default:
      break;
  }
  return fact.name.empty() ? fmt::format("{}", fact.number) : fact.name;
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
  const std::string rest = rest_of(fact);
  return fmt::format("{}{}{}{}", fact.negated ? "not " : "", words_of(fact.kind),
                     rest.empty() ? "" : " ", rest);
}

}  // namespace knell::script
