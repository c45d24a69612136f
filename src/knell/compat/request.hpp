#pragma once

/// What the words of pgrep, pkill and pidwait ask for.

#include <chrono>
#include <expected>
#include <optional>
#include <string>

#include "knell/compat/criteria.hpp"
#include "knell/report/manual.hpp"
#include "knell/world/signal.hpp"

namespace knell::compat {

/// The exit statuses of the three, pgrep(1).
inline constexpr int kMatched = 0;
inline constexpr int kNoneMatched = 1;
inline constexpr int kWrongWords = 2;
inline constexpr int kFatal = 3;

struct Request {
  Criteria criteria;
  std::string typed;     ///< the pattern as it was typed
  std::string pid_file;  ///< where criteria.pids is from; "": from the words
  Signal signal = signals::kTerm;
  std::optional<int> value;  ///< to come with the signal
  std::string delimiter = "\n";
  bool count = false;
  bool names = false;  ///< with each number
  bool lines = false;  ///< or rather the command line
  bool quotes = false;
  bool quiet = false;
  bool echo = false;
  bool release = false;    ///< process_mrelease(2) after the signal
  bool ancestors = false;  ///< the caller's are not spared
  std::optional<std::chrono::milliseconds> timeout;
};

/// None where there is nothing more to do; then the exit status, and what there was to say has been
/// said. `signal` is what the words begin with that are no option of getopt's: `pkill -HUP`.
[[nodiscard]] std::expected<Request, int> request_of(const report::Manual& manual, int argc,
                                                     char** argv,
                                                     std::optional<Signal> signal = {});

}  // namespace knell::compat
