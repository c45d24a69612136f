#pragma once

/// What the words of killall ask for.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "knell/compat/pattern.hpp"
#include "knell/report/manual.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"

namespace knell::compat {

struct KillallRequest {
  std::vector<std::string> names;
  Signal signal = signals::kTerm;
  bool exact = false;  ///< a long name must be known whole
  bool ignore_case = false;
  bool groups = false;  ///< the process groups of those that match
  bool ask = false;
  bool quiet = false;
  bool patterns = false;  ///< the names are regular expressions
  bool verbose = false;
  bool wait = false;
  bool ancestors = false;               ///< the caller's are not spared
  std::optional<std::int64_t> younger;  ///< at most so many seconds old
  std::optional<std::int64_t> older;    ///< at least
  std::optional<Uid> user;              ///< the real one
  Pid like;                             ///< in the same pid namespace; 0: in any
  std::optional<Pattern> context;       ///< of the security module
};

/// None where there is nothing more to do; then the exit status, and what there was to say has been
/// said.
[[nodiscard]] std::expected<KillallRequest, int> killall_request(const report::Manual& manual,
                                                                 int argc, char** argv);

}  // namespace knell::compat
