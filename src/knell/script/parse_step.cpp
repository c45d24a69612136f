/// A line that is a step: somebody's call, something that happens to everybody, or an expectation.

#include <fmt/format.h>

#include "knell/script/parse.hpp"
#include "knell/script/parts.hpp"

namespace knell::script {
namespace {

constexpr std::uint32_t kMostTtys = 8;

/// [tty N]
Understood<std::uint32_t> take_tty(Line& line) {
  if (!line.take("tty")) return 0;
  const Word word = line.peek();
  const std::int64_t number = KNELL_TRY(take_number(line, "a terminal's number"));
  if (number < 0 || number >= kMostTtys)
    return mistake(word, fmt::format("there is no terminal {}", number));
  return static_cast<std::uint32_t>(number);
}

Understood<Step::What> take_key(Line& line) {
  const Word word = line.next();
  KeyStep step;
  if (word.text == "^C")
    step.key = kernel::Key::intr;
  else if (word.text == "^\\")
    step.key = kernel::Key::quit;
  else if (word.text == "^Z")
    step.key = kernel::Key::susp;
  else if (word.text == "line")
    step.key = kernel::Key::line;
  else
    return mistake(word, fmt::format("{} is no key", quoted(word)),
                   R"(one can type ^C, ^\, ^Z, or a line)");
  step.tty = KNELL_TRY(take_tty(line));
  KNELL_TRY(at_end(line, "type KEY [tty N]"));
  return step;
}

Understood<Step::What> take_hangup(Line& line) {
  const HangUpStep step{KNELL_TRY(take_tty(line))};
  KNELL_TRY(at_end(line, "hangup [tty N]"));
  return step;
}

Understood<Step::What> take_oom(Line& line) {
  const Word victim = KNELL_TRY(take_name(line, "a task's name"));
  KNELL_TRY(at_end(line, "oom NAME"));
  return OomStep{std::string(victim.text), victim.at};
}

Understood<Step::What> take_pass(Line& line) {
  const Word word = line.next();
  const auto milliseconds = duration_in(word.text);
  if (!milliseconds)
    return mistake(word, fmt::format("{} is no span of time", quoted(word)),
                   "it goes: pass 100ms, pass 2s; an hour at most");
  KNELL_TRY(at_end(line, "pass TIME"));
  return PassStep{static_cast<std::uint64_t>(*milliseconds)};
}

/// What may stand behind a call: -> NAME, = RESULT.
Understood<> take_outcome(Line& line, CallStep& step) {
  const Word arrow = line.peek();
  if (line.take("->")) {
    if (step.nr != Sys::clone)
      return mistake(arrow, fmt::format("{} makes no task", name_of(step.nr)),
                     "only fork, vfork, thread and clone do");
    step.makes = KNELL_TRY(take_name(line, "a name for the new task")).text;
  }
  if (line.take("=")) step.result = KNELL_TRY(take_result(line));
  return at_end(line);
}

Understood<Step::What> take_call_step(Line& line, std::span<const User> users) {
  constexpr std::string_view beginnings =
      "a line is NAME: CALL, or begins with expect, type, hangup, oom or pass";
  const Word word = line.next();
  const std::size_t colon = word.text.find(':');
  if (colon == std::string_view::npos)
    return mistake(word, fmt::format("{} begins no step", quoted(word)), std::string(beginnings));
  if (colon + 1 != word.text.size())
    return mistake(word, fmt::format("a blank must follow the colon in '{}'", word.text));
  CallStep step;
  step.actor = word.text.substr(0, colon);
  if (!is_name(step.actor))
    return mistake(word, fmt::format("'{}' is not a task's name", step.actor),
                   std::string(beginnings));
  KNELL_TRY(take_call(line, users, step));
  KNELL_TRY(take_outcome(line, step));
  return step;
}

Understood<Step::What> take_what(Line& line, std::span<const User> users) {
  if (line.take("type")) return take_key(line);
  if (line.take("hangup")) return take_hangup(line);
  if (line.take("oom")) return take_oom(line);
  if (line.take("pass")) return take_pass(line);
  if (line.take("expect")) return KNELL_TRY(take_expect(line, users));
  return take_call_step(line, users);
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

}  // namespace

Understood<Step> take_step(Line& line, std::span<const User> users) {
  Step step;
  step.at = line.peek().at;
  step.what = KNELL_TRY(take_what(line, users));
  step.aside = trimmed(line.comment().value_or(""));
  return step;
}

Result<Step> parse_step(std::string_view text) {
  Line line(text, 1);
  Understood<Step> step = take_step(line, {});
  if (!step)
    return failure(0, "", fmt::format("column {}: {}", step.error().at.column, step.error().what),
                   step.error().hint);
  return std::move(*step);
}

}  // namespace knell::script
