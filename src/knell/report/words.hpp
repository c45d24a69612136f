#pragma once

/// Our enumerators as the words programs get: docs/knell.schema.json lists them.

#include "knell/plan/forecast.hpp"
#include "knell/plan/verdict.hpp"
#include "knell/world/world.hpp"

namespace knell::report {

[[nodiscard]] const char* word(plan::Effect effect);
[[nodiscard]] const char* word(plan::Role role);
[[nodiscard]] const char* word(plan::Fate fate);
[[nodiscard]] const char* word(plan::Exit exit);
[[nodiscard]] const char* word(plan::Freed::Source source);
[[nodiscard]] const char* word(plan::Restarter::Kind kind);
[[nodiscard]] const char* word(plan::Spared::Reason reason);
[[nodiscard]] const char* word(TaskState state);
[[nodiscard]] const char* word(Protocol protocol);
[[nodiscard]] const char* word(FileLock::Type type);

}  // namespace knell::report
