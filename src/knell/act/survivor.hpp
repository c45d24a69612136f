#pragma once

/// Why something still lives.

#include <optional>
#include <string>

#include "knell/act/herd.hpp"
#include "knell/live/machine.hpp"
#include "knell/world/signal.hpp"

namespace knell::act {

/// What keeps a process that was sent `last` (none: nothing was), in a few words. `tracer` is the
/// name of the process that traces it.
[[nodiscard]] std::string what_keeps(const live::Machine::Condition& condition,
                                     std::optional<Signal> last, const std::string& tracer);

/// The same of one that was to be ended, asked of the machine now.
[[nodiscard]] std::string why_it_lives(const live::Machine& machine, const Doomed& member);

}  // namespace knell::act
