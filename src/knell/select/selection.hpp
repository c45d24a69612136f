#pragma once

/// From targets to the processes of a World they name. It looks at the World and the answers,
/// never at the machine.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "knell/select/target.hpp"
#include "knell/world/error.hpp"
#include "knell/world/lookup.hpp"
#include "knell/world/world.hpp"

namespace knell::select {

/// What narrows the union of the targets: everything given must hold.
struct Filter {
  std::vector<std::string> users;                    ///< effective user is one of these
  std::optional<std::chrono::milliseconds> older;    ///< started at least so long ago
  std::optional<std::chrono::milliseconds> younger;  ///< started less than so long ago
  std::vector<Pid> parents;                          ///< its parent is one of these
  /// State letters, "ZT"; empty: any. Z is a process of which nothing runs any more: one whose
  /// leader has ended while threads live is in the state of its first living thread.
  std::string states;
  std::vector<Target> exclude;
  bool full = false;  ///< /regex/ looks at the whole command line
  bool operator==(const Filter&) const = default;
};

/// "90", "90s", "10m", "2h", "3d", "500ms" (also with a decimal point). At most 100 years, so that
/// any clock can be moved by it.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// What `live/` must find out before select() can answer.
[[nodiscard]] Questions questions(std::span<const Target> targets, const Filter& filter);

/// Set if these targets need no look at any other process: plain pids with no narrowing.
[[nodiscard]] std::optional<std::vector<Pid>> only_pids(std::span<const Target> targets,
                                                        const Filter& filter);

struct Match {
  TaskIndex task;      ///< the leader of the process's thread group
  std::size_t target;  ///< the first target that named it
};

struct Selection {
  std::vector<Match> matches;  ///< ascending by pid, each process once
  /// A target that named nothing and why, in words ("/run/x.pid is stale: process 77 started
  /// after it was written"). In the order of the targets. The error is ESRCH with the whole
  /// sentence as its object and no action, or what went wrong when `live/` looked for an answer.
  struct Miss {
    std::size_t target;
    Error error;
  };
  std::vector<Miss> misses;
};

/// A target that named nothing is a Miss, not an error; an error is a target that cannot be
/// understood on this machine at all (a regular expression that does not compile), or a narrowing
/// that cannot be done: a user or an excluded target that could not be looked up may be just what
/// was to be spared.
[[nodiscard]] Result<Selection> select(const World& world, std::span<const Target> targets,
                                       const Filter& filter, const Answers& answers);

}  // namespace knell::select
