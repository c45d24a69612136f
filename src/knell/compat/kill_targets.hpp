#pragma once

/// Whom the operands of kill mean.

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "knell/compat/kill_request.hpp"
#include "knell/compat/style.hpp"
#include "knell/live/fd.hpp"

namespace knell::compat {

/// One process, or those that kill(2) reaches by one number.
struct KillTarget {
  std::string shown;  ///< what messages call it
  pid_t pid = 0;      ///< as kill(2) takes it: a process, 0, -1, or a process group's, negative
  live::Fd pidfd;     ///< of a process, where it could be had
  int error = 0;      ///< errno: it may not be signalled for this reason
};

/// Opens each process before anything about it is checked, so that none that gets its number later
/// is taken for it. Empty: the word means nobody.
///
/// A number too large for a process is no number: cut to 32 bits, 4294967295 would be -1,
/// everybody.
[[nodiscard]] std::vector<KillTarget> kill_targets(Style style, const KillRequest& request,
                                                   std::string_view word);

/// Whether a process has a handler for this signal.
[[nodiscard]] bool has_handler(const KillTarget& target, Signal signal);

}  // namespace knell::compat
