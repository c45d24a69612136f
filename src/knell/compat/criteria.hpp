#pragma once

/// What pgrep, pkill and pidwait choose by. All criteria that are given must be met.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "knell/compat/pattern.hpp"
#include "knell/world/lookup.hpp"
#include "knell/world/signal.hpp"

namespace knell::compat {

/// The kinds of namespaces that can be compared.
enum class Space : std::uint8_t { ipc, mnt, net, pid, user, uts };

struct Criteria {
  using Numbers = std::vector<std::int64_t>;  ///< one of these; empty: any
  using Texts = std::vector<std::string>;     ///< likewise

  std::optional<Pattern> pattern;
  bool full = false;  ///< the pattern is looked for in the command line, not in the name
  Numbers pids, parents, groups, sessions, euids, uids, gids;
  Texts terminals;                    ///< without "/dev/"; "?": none
  Texts cgroups;                      ///< paths
  Texts environment;                  ///< "NAME" or "NAME=VALUE"
  std::optional<std::string> states;  ///< letters
  std::optional<std::int64_t> older;  ///< at least so many seconds old
  std::optional<Signal> handled;      ///< has a handler for it
  Pid like;                           ///< in the same namespaces as this; 0: in any
  std::vector<Space> spaces{Space::ipc, Space::mnt,  Space::net,
                            Space::pid, Space::user, Space::uts};  ///< of which these count
  enum class Some : std::uint8_t { all, newest, oldest };
  Some some = Some::all;   ///< of those that meet the rest
  bool inverse = false;    ///< who does not meet them
  bool threads = false;    ///< threads are looked at too, each by itself
  bool strangers = false;  ///< the caller's ancestors do not count
};

/// What has to be read of every process.
[[nodiscard]] Questions questions_of(const Criteria& criteria);

}  // namespace knell::compat
