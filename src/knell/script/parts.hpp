#pragma once

/// The parts of a line, each taken from a Line by a function of its own. Only for this room's .cpp
/// files.

#include <span>

#include "knell/script/forms.hpp"
#include "knell/script/words.hpp"

namespace knell::script {

/// CALL ARGS...: fills in `nr`, `arguments` and `call_at`. parse_call.cpp
[[nodiscard]] Understood<> take_call(Line& line, std::span<const User> users, CallStep& step);
/// What stands behind a call's '='. parse_result.cpp
[[nodiscard]] Understood<Expected> take_result(Line& line);
/// "killed TERM", "exited 3", "stopped TSTP", "continued": the status word of wait(2); nothing if
/// the next word is none of these.
[[nodiscard]] Understood<std::optional<int>> take_status(Line& line);
/// SUBJECT FACT, FACT...: what stands behind `expect`. parse_expect.cpp
[[nodiscard]] Understood<ExpectStep> take_expect(Line& line, std::span<const User> users);
/// A user's name or number.
[[nodiscard]] Understood<Argument> take_user(Line& line, std::span<const User> users);

/// A whole line that is a step. parse_step.cpp
[[nodiscard]] Understood<Step> take_step(Line& line, std::span<const User> users);

/// A place where a step uses a task's name.
struct Mention {
  const std::string* name;
  Place at;
};
/// Every one of the step's. names.cpp
[[nodiscard]] std::vector<Mention> mentions(const Step& step);
/// Of some words the one that `word` is nearly; empty: none.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> among);

}  // namespace knell::script
