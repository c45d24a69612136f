#pragma once

/// What is so, beside what was expected. Only for this room's .cpp files.

#include <string>

#include "knell/script/run.hpp"
#include "knell/script/script.hpp"

namespace knell::script {

/// Whether a fact holds, and what is so instead, in the scenario's words.
struct Seen {
  bool holds = false;
  std::string found;
};

/// A fact about a task, which has been made.
[[nodiscard]] Seen look_at_task(const Run& run, TaskIndex task, const Named& named,
                                const Fact& fact);
/// That the number of a group or session is that of this task, or this number.
[[nodiscard]] Seen compare_group(const Run& run, const Fact& expected, std::int32_t number);
/// What the task's last call returned.
[[nodiscard]] Seen compare_result(const Run& run, TaskIndex task, const Expected& expected);

}  // namespace knell::script
