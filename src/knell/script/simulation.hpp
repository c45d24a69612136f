#pragma once

/// A whole scenario, carried out: every World it went through, and what happened in between.

#include <cstdint>
#include <optional>
#include <vector>

#include "knell/script/run.hpp"
#include "knell/script/script.hpp"

namespace knell::script {

/// A step that was taken. Its place in the list is its step's in the script.
struct Taken {
  StepResult result;
  Run after;
};

struct Simulation {
  Run start;
  std::vector<Taken> steps;      ///< as far as it went
  std::optional<Error> error;    ///< why the next one could not be taken
  std::size_t expectations = 0;  ///< how many were looked at: a fact each, and each '='
  std::size_t unmet = 0;

  [[nodiscard]] const Run& before(std::size_t step) const {
    return step == 0 ? start : steps[step - 1].after;
  }
  [[nodiscard]] const Run& last() const { return before(steps.size()); }
};

struct Settings {
  std::optional<kernel::KernelVersion> version;  ///< instead of the script's
  std::uint32_t until = ~std::uint32_t{0};       ///< no line behind this one
  bool functions = false;                        ///< note the kernel's functions
};

[[nodiscard]] Simulation simulate(const Script& script, const Settings& settings);

}  // namespace knell::script
