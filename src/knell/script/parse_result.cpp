/// What a call is expected to return.

#include <fmt/format.h>

#include "knell/script/parts.hpp"
#include "knell/world/error.hpp"
#include "knell/world/wait_status.hpp"

namespace knell::script {
namespace {

constexpr int kContinued = 0xffff;  // WIFCONTINUED of wait(2)
constexpr int kStopped = 0x7f;      // WIFSTOPPED: the signal is in the second byte

Understood<Expected> take_signals(Line& line, Expected result) {
  result.kind = Expected::Kind::set;
  if (line.take("}")) return result;
  result.value = static_cast<std::int64_t>(KNELL_TRY(take_set(line)).bits());
  const Word close = line.next();
  if (close.text != "}") return mistake(close, fmt::format("{} is not '}}'", quoted(close)));
  return result;
}

/// TERM from shell
Understood<Expected> take_signal(Line& line, Expected result) {
  result.kind = Expected::Kind::signal;
  if (!line.take("from")) return result;
  const Word who = line.peek();
  if (who.text == "kernel" || who.text == "outside") {
    result.name = line.next().text;
    return result;
  }
  result.name = KNELL_TRY(take_name(line, "a task's name, kernel or outside")).text;
  return result;
}

/// signal 32: those that have no name would read as plain numbers.
Understood<Expected> take_nameless_signal(Line& line, Expected result) {
  const Word word = line.next();
  const auto signal = valid_signal_in(word.text);
  if (!signal) return mistake(word, fmt::format("{} is no signal", quoted(word)));
  result.value = signal->number();
  return take_signal(line, result);
}

Understood<Expected> take_number_result(Line& line, Expected result) {
  result.kind = Expected::Kind::value;
  const auto second = number_in(line.peek().text);
  if (!second) return result;
  constexpr std::int64_t most = 0x7fff;
  if (result.value < 0 || result.value > most || *second < 0 || *second > most)
    return mistake(line.peek(), "two descriptors are two small numbers");
  line.next();
  result.kind = Expected::Kind::values;
  result.value |= *second << 16;
  return result;
}

Understood<int> take_stopping_signal(Line& line) {
  const Word word = line.next();
  const auto signal = signal_in(word.text);
  if (!signal || *signal < 0 || *signal > 0xff)
    return mistake(word, fmt::format("{} is no signal", quoted(word)));
  int status = static_cast<int>(*signal) << 8 | kStopped;
  if (line.take("event")) {  // of ptrace(2): "status>>8 == (SIGTRAP | (PTRACE_EVENT_foo << 8))"
    const Word number = line.peek();
    const std::int64_t event = KNELL_TRY(take_number(line, "the number of a ptrace event"));
    if (event < 1 || event > 0xff) return mistake(number, "a ptrace event is 1 to 255");
    status |= static_cast<int>(event) << 16;
  }
  return status;
}

Understood<int> take_fatal_signal(Line& line) {
  const Word word = line.next();
  const auto signal = valid_signal_in(word.text);
  if (!signal) return mistake(word, fmt::format("{} is no signal", quoted(word)));
  return WaitStatus::killed(*signal, line.take("core")).word();
}

}  // namespace

Understood<std::optional<int>> take_status(Line& line) {
  if (line.take("killed")) return KNELL_TRY(take_fatal_signal(line));
  if (line.take("stopped")) return KNELL_TRY(take_stopping_signal(line));
  if (line.take("continued")) return kContinued;
  if (!line.take("exited")) return std::nullopt;
  const Word number = line.peek();
  const std::int64_t code = KNELL_TRY(take_number(line, "an exit code"));
  if (code < 0 || code > 0xff) return mistake(number, "an exit code is 0 to 255");
  return WaitStatus::exited(static_cast<int>(code)).word();
}

Understood<Expected> take_result(Line& line) {
  const Word word = line.next();
  Expected result{.at = word.at};
  const auto plain = [&](Expected::Kind kind, std::int64_t value) {
    result.kind = kind;
    result.value = value;
    return result;
  };
  if (word.text == "sleeps") return plain(Expected::Kind::sleeps, 0);
  if (word.text == "nobody") return plain(Expected::Kind::nobody, 0);
  if (word.text == "{") return take_signals(line, result);
  if (const auto number = number_in(word.text))
    return take_number_result(line, plain(Expected::Kind::value, *number));
  if (word.text == "signal") return take_nameless_signal(line, result);
  if (const auto error = errno_in(word.text)) return plain(Expected::Kind::error, *error);
  if (const auto signal = valid_signal_in(word.text))
    return take_signal(line, plain(Expected::Kind::signal, signal->number()));
  if (!is_name(word.text))
    return mistake(word, fmt::format("{} is no result", quoted(word)),
                   "a result is 0, ESRCH, job, job killed TERM, TERM, {TERM INT}, nobody, sleeps");
  result.name = word.text;
  const std::optional<int> status = KNELL_TRY(take_status(line));
  return plain(status ? Expected::Kind::waited : Expected::Kind::task, status.value_or(0));
}

}  // namespace knell::script
