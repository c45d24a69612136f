#pragma once

/// A scenario's terminal: a pseudoterminal, of which the stage has the master's end.

#include <string>

#include "knell/kernel/kernel.hpp"
#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

class Terminal {
public:
  [[nodiscard]] static Result<Terminal> open();

  /// Where the puppets find it; empty once it was hung up: the name may be another terminal's then.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Types it, and returns when the kernel has done what follows from it.
  [[nodiscard]] Result<void> press(kernel::Key key);
  void hang_up();

private:
  live::Fd master_;
  live::Fd slave_;  ///< so that it stays as it is while no puppet has it open
  std::string path_;
};

}  // namespace knell::conform
