#pragma once

/// Scenarios written into a test.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "knell/script/parse.hpp"
#include "knell/script/run.hpp"
#include "knell/script/simulation.hpp"

namespace knell::script::test {

inline Script read(std::string_view text) {
  const Parsed parsed = parse_all(text, "test");
  for (const Error& error : parsed.errors) ADD_FAILURE() << error.message();
  return parsed.script;
}

inline Simulation play(std::string_view text) {
  return simulate(read(text), {});
}

/// Plays it, and what it expects must hold.
inline Run end_of(std::string_view text) {
  Simulation simulation = play(text);
  if (simulation.error) ADD_FAILURE() << simulation.error->message();
  for (const Taken& taken : simulation.steps)
    for (const Unmet& unmet : taken.result.unmet)
      ADD_FAILURE() << "line " << unmet.at.line << ": expected " << unmet.expected << ", found "
                    << unmet.found;
  return simulation.last();
}

/// Why the scenario could not go on.
inline std::string error_of(std::string_view text) {
  const Simulation simulation = play(text);
  return simulation.error ? simulation.error->message() : "";
}

}  // namespace knell::script::test
