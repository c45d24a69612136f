#pragma once

/// Which processes one target names; and where it names none, why.

#include <span>
#include <vector>

#include "knell/select/target.hpp"
#include "knell/world/error.hpp"
#include "knell/world/lookup.hpp"
#include "knell/world/world.hpp"

namespace knell::select {

struct Finding {
  std::vector<TaskIndex> named;  ///< leaders, in the order of `processes`
  Error why_none;                ///< set where `named` is empty
  bool unanswered = false;       ///< none, because the machine could not say what the target means
};

/// `processes` are World::processes(). An error: the target is no target at all (a regular
/// expression that does not compile).
[[nodiscard]] Result<Finding> find_named(const World& world, std::span<const TaskIndex> processes,
                                         const Target& target, bool full, const Answers& answers);

/// The answer to a question, or an Error where it was never asked.
template <class T>
[[nodiscard]] Result<T> answer_to(const std::map<std::string, Result<T>>& answers,
                                  const std::string& question) {
  const auto found = answers.find(question);
  if (found == answers.end()) return failure(0, "look up", question, "nobody asked for it");
  return found->second;
}

}  // namespace knell::select
