#pragma once

/// What a command line of kill asks for. getopt_long(3) cannot read it: `-9` and `-TERM` are
/// signals, `-1234` is a process group, and which is which depends on what stands before.

#include <chrono>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "knell/compat/misuse.hpp"
#include "knell/compat/style.hpp"
#include "knell/world/signal.hpp"

namespace knell::compat {

struct KillRequest {
  enum class Action : std::uint8_t {
    send,
    list,   ///< -l: names, or what the operands mean
    table,  ///< -t, of procps and util-linux -L
    columns,
    state,  ///< -d: what becomes of signals to one process
    help,
    version,
  };
  /// --timeout: sent to whom lives on so long after what was sent before.
  struct FollowUp {
    std::chrono::milliseconds after;
    Signal signal;
  };

  Action action = Action::send;
  Signal signal = signals::kTerm;
  std::optional<int> value;    ///< -q: queued with the signal
  bool all_users = false;      ///< -a: names mean other users' processes, too
  bool only_print = false;     ///< -p
  bool only_handlers = false;  ///< -r: to nobody who has no handler for the signal
  bool verbose = false;
  std::vector<FollowUp> follow_ups;
  std::vector<std::string_view> operands;
};

/// `words` without argv[0]; they must outlive the request.
[[nodiscard]] std::expected<KillRequest, Misuse> parse_kill(Style style,
                                                            std::span<char* const> words);

}  // namespace knell::compat
