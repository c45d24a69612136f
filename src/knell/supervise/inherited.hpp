#pragma once

/// The signal mask and the ignored signals that a process was started with.

#include <csignal>

#include "knell/world/signal.hpp"

namespace knell::supervise {

/// Both outlive execve(2) (signal(7)), so a command that is run in between must find them as they
/// were: under nohup(1) HUP stays ignored, in a shell's background job without job control INT.
class Inherited {
public:
  /// To be called before the program changes either.
  [[nodiscard]] static Inherited now();

  [[nodiscard]] bool ignores(Signal signal) const { return ignored_.has(signal); }
  /// In the child, before execve(2): async-signal-safe.
  void restore() const;
  /// Instead: every default action, and an empty mask, as daemon(7) has it.
  static void reset();

private:
  sigset_t mask_{};
  SigSet ignored_;
};

}  // namespace knell::supervise
