#pragma once

/// A scenario that was carried out, as text and as JSON.

#include <string>
#include <string_view>

#include "knell/report/text.hpp"
#include "knell/script/script.hpp"
#include "knell/script/simulation.hpp"

namespace knell::report {

inline constexpr const char* kSimSchema = "knell-sim/1";

/// What there is to tell.
struct Sim {
  const script::Script& script;
  const script::Simulation& simulation;
  std::string_view text;   ///< what the script was read from
  std::string_view file;   ///< its name
  bool functions = false;  ///< show the kernel's functions
  bool world = false;      ///< show the World at the end
};

/// Each step as it is written, what happened, and what changed; and whether all was as expected.
[[nodiscard]] std::string sim_text(const Sim& sim, const Style& style);
/// One document with a newline at its end; docs/sim.schema.json is its schema.
[[nodiscard]] std::string sim_json(const Sim& sim);

}  // namespace knell::report
