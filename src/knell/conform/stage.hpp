#pragma once

/// A scenario on the real machine: puppets, real processes that make the calls they are told to, in
/// namespaces of their own, so that nothing else can be hit.

#include <chrono>
#include <memory>

#include "knell/conform/observation.hpp"
#include "knell/script/action.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

/// What this machine and user can stage.
struct Abilities {
  bool namespaces = false;  ///< pid and mount namespaces (as root, or through a user namespace)
  bool users = false;       ///< setresuid to other users: root of the first user namespace's range
  std::string why_not;      ///< what is missing, for a person
};
[[nodiscard]] Abilities abilities();

class Stage {
public:
  /// A pid namespace whose init (pid 1) is a puppet in user mode, with nobody else in it: the state
  /// of kernel::boot(). Errors: what the machine does not allow.
  [[nodiscard]] static Result<Stage> open();
  Stage(Stage&&) noexcept;
  Stage& operator=(Stage&&) noexcept;
  ~Stage();  ///< ends everything in it and waits until it is gone

  /// Hands an action over; returns without waiting for it.
  [[nodiscard]] Result<void> perform(const script::Action& action);
  /// Waits until every thread sleeps, is stopped or has ended, and tells what can be seen.
  /// Error ETIMEDOUT if they come to no rest within the time (with who does not, and where).
  [[nodiscard]] Result<Observation> rest(std::chrono::milliseconds limit);

private:
  class Impl;
  explicit Stage(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace knell::conform
