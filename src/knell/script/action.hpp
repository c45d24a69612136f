#pragma once

/// One thing that happens in a scenario, with all names resolved: what is done to a World and to
/// real processes alike.

#include <cstdint>
#include <variant>

#include "knell/kernel/kernel.hpp"
#include "knell/world/call.hpp"
#include "knell/world/ids.hpp"

namespace knell::script {

/// A task makes a call.
struct MakeCall {
  Pid actor;  ///< as the first pid namespace numbers it
  Call call;
  bool operator==(const MakeCall&) const = default;
};
/// Somebody types on the terminal (there is one, number 0; more where a scenario says so).
struct PressKey {
  std::size_t tty = 0;
  kernel::Key key = kernel::Key::intr;
  bool operator==(const PressKey&) const = default;
};
/// The terminal's line is dropped.
struct HangUp {
  std::size_t tty = 0;
  bool operator==(const HangUp&) const = default;
};
/// The OOM killer chooses a process. Only a World can be told whom.
struct OutOfMemory {
  Pid victim;
  bool operator==(const OutOfMemory&) const = default;
};
/// Time passes.
struct Advance {
  std::uint64_t milliseconds = 0;
  bool operator==(const Advance&) const = default;
};

using Action = std::variant<MakeCall, PressKey, HangUp, OutOfMemory, Advance>;

}  // namespace knell::script
