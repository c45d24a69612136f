#pragma once

/// The kinds of events as the words programs get: docs/sim.schema.json lists them.

#include "knell/world/event.hpp"

namespace knell::report {

[[nodiscard]] const char* word(Event::Kind kind);

}  // namespace knell::report
