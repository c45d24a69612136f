#pragma once

/// Ending for real what a Forecast planned: signal, wait, escalate, pick up newcomers, report.

#include <chrono>
#include <optional>

#include "knell/live/machine.hpp"
#include "knell/plan/forecast.hpp"
#include "knell/plan/verdict.hpp"
#include "knell/world/error.hpp"

namespace knell::act {

struct Settings {
  bool wait = true;    ///< false: the first step's signals are sent, and that is all
  bool only = false;   ///< do not look for newcomers
  bool urgent = true;  ///< run before others meanwhile, where that is permitted (Urgency)
  /// How long to wait after the last step (KILL as a rule) before what lives counts as surviving.
  std::chrono::milliseconds last_wait{5000};
};

/// How far it is, told to whoever watches, at most ten times a second.
struct Progress {
  std::size_t ended = 0;
  std::size_t total = 0;
  Signal signal;               ///< the step under way
  std::optional<Signal> next;  ///< the one after it
  std::chrono::milliseconds until_next{0};
};
class Observer {
public:
  virtual ~Observer() = default;
  virtual void progress(const Progress& progress) = 0;
};

/// Preconditions: `forecast` was made on this machine, a moment ago. SIGINT, SIGTERM and SIGHUP to
/// the calling thread stop the escalation (Outcome::interrupted), not the account of it, unless the
/// caller ignores them; a caller with more threads blocks them there. The soft limit on open
/// descriptors is raised to the hard one while it lasts, if so many are needed.
/// Fails before the first signal, or not at all: with EMFILE where there are not descriptors
/// enough for a handle on each process, having signalled nobody.
[[nodiscard]] Result<plan::Outcome> end(const live::Machine& machine,
                                        const plan::Forecast& forecast, const Settings& settings,
                                        Observer* observer = nullptr);

}  // namespace knell::act
