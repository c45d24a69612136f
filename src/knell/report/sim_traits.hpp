#pragma once

/// What can be seen of each task and of what tasks share, as words: the state of a World, and what
/// a step changed of it.

#include <string>
#include <vector>

#include "knell/script/run.hpp"

namespace knell::report {

/// One thing that can be seen: "blocked" is "TERM INT".
struct Trait {
  const char* what;
  std::string is;
  bool usual = false;  ///< as with most, and not worth a word
  bool operator==(const Trait&) const = default;
};

/// Always the same ones in the same order; the first is the state ("runs", "in pause", "stopped
/// TSTP"). Those of the process stand with its leader only.
[[nodiscard]] std::vector<Trait> traits(const script::Run& run, TaskIndex task);

/// A terminal, a lock, a semaphore, the segment.
struct Shared {
  std::string name;
  std::vector<Trait> traits;
};
[[nodiscard]] std::vector<Shared> shared_objects(const script::Run& run);

struct Change {
  std::string who;
  std::string what;
  std::string from, to;
  bool operator==(const Change&) const = default;
};
/// Tasks in the order in which they were made. Nothing of those that are new: all of it is.
[[nodiscard]] std::vector<Change> changes(const script::Run& before, const script::Run& after);

}  // namespace knell::report
