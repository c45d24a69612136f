#pragma once

/// Possible worlds.
///
/// Real processes run at the same time, so what an action leads to is not one World but several: of
/// those that can run any may go on next. All outcomes are tried that fit what was seen, and only
/// those: where no order of the run queue leads to what came, Linux and the model differ.
///
/// Mostly the kernel's own order leads there, and nothing else is tried: `PossibleWorlds` then
/// keeps that one World, and what happened since it was last the only possible one. If a later
/// observation contradicts it, another order may have been the true one long before; so all that
/// happened since is gone through again, with every order.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "knell/conform/observation.hpp"
#include "knell/kernel/version.hpp"
#include "knell/script/action.hpp"
#include "knell/script/run.hpp"
#include "knell/world/error.hpp"
#include "knell/world/world.hpp"

namespace knell::conform {

/// How far orders are tried. Beyond, it is said that something was left out.
struct Bounds {
  std::size_t worlds = 20'000;   ///< tried for one action in one World
  std::size_t candidates = 256;  ///< kept between two actions
};

/// Hands over every World in which this one can come to rest, each once; the first is that of the
/// kernel's own order. False: the bounds did not allow to try all orders.
bool for_each_outcome(const World& world, kernel::KernelVersion version, const Bounds& bounds,
                      const std::function<void(World)>& outcome);

/// What an observation means for the possible Worlds.
struct Judgement {
  std::vector<std::string> differences;  ///< from what is nearest; empty: it was to be expected
  bool undecided = false;                ///< none was found that fits, but not all were tried
  [[nodiscard]] bool fits() const { return differences.empty(); }
};

class PossibleWorlds {
public:
  explicit PossibleWorlds(script::Run run, const Bounds& bounds = {});

  /// The likeliest World, in which the next step is resolved, and the names the script gave so far.
  [[nodiscard]] const script::Run& likely() const { return likely_; }
  /// Takes the step, which resolves to the action, in the likeliest World, in the kernel's own
  /// order.
  void foresee(const script::Step& step, const script::Action& action);
  /// Holds what came of it against what could. Possible afterwards is what fits.
  [[nodiscard]] Judgement judge(const Observation& came);

  [[nodiscard]] std::size_t most_candidates() const { return most_candidates_; }
  /// How often more than the kernel's own order had to be tried.
  [[nodiscard]] std::size_t explored() const { return explored_; }

private:
  struct Happened {
    script::Action action;
    Observation came;
  };
  [[nodiscard]] bool explain(std::vector<std::string>& nearest);

  Bounds bounds_;
  script::Run likely_;
  std::vector<World> since_;  ///< all that were possible before `happened_`
  std::vector<Happened> happened_;
  bool only_one_ = true;  ///< since then nobody could have run in another order
  bool tried_all_ = true;
  std::size_t most_candidates_ = 1;
  std::size_t explored_ = 0;
};

}  // namespace knell::conform
