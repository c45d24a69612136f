#pragma once

/// One scenario in a World and in reality at once, held against each other after every step.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "knell/conform/observation.hpp"
#include "knell/conform/possible.hpp"
#include "knell/script/action.hpp"
#include "knell/script/script.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

/// Where a scenario really happens, from the state of kernel::boot() on.
class Reality {
public:
  Reality() = default;
  Reality(const Reality&) = delete;
  Reality& operator=(const Reality&) = delete;
  virtual ~Reality() = default;
  [[nodiscard]] virtual Result<void> perform(const script::Action& action) = 0;
  /// What is to be seen when everybody is at rest. Error ETIMEDOUT: they do not come to rest.
  [[nodiscard]] virtual Result<Observation> rest() = 0;
};
/// A new one for each scenario.
using Realities = std::function<Result<std::unique_ptr<Reality>>()>;

/// Real processes on this machine (see Stage), which have so long to come to rest.
[[nodiscard]] Realities on_this_machine(std::chrono::milliseconds limit = std::chrono::seconds(10));

/// Where the steps come from: the next one, after what happened so far. None: that was all.
using Steps = std::function<std::optional<script::Step>(const script::Run& likely)>;

/// What came of a scenario.
struct Compared {
  script::Script script;  ///< the steps that were taken; with a difference, the last one shows it
  Judgement judgement;    ///< of the last step
  std::vector<std::string> skipped;  ///< steps that could not be taken, and why
  std::size_t most_candidates = 1;   ///< Worlds that were possible at once
  std::size_t explored = 0;          ///< steps after which all orders were tried
};

/// `beginning` without its steps, then `steps` until there is no more or they differ. Linux is
/// taken to be the running one, whatever version the scenario names. Error: reality failed, not a
/// step.
[[nodiscard]] Result<Compared> compare(const script::Script& beginning, const Steps& steps,
                                       const Realities& realities);
/// All steps of a script.
[[nodiscard]] Result<Compared> compare(const script::Script& script, const Realities& realities);

}  // namespace knell::conform
