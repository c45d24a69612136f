#pragma once

/// A result as one JSON document for a program. docs/knell.schema.json is its schema.

#include <optional>
#include <string>

#include "knell/plan/forecast.hpp"
#include "knell/plan/verdict.hpp"
#include "knell/select/selection.hpp"

namespace knell::report {

inline constexpr const char* kSchema = "knell/1";

/// The whole document, with a newline at its end. Without a verdict (`knell plan`) the members
/// `outcome`, `survivors`, `unforeseen`, `freed` and `verdict` are null. Names that are not UTF-8
/// have their bytes escaped as in shown().
[[nodiscard]] std::string json(const plan::Forecast& forecast, const plan::Verdict* verdict);

}  // namespace knell::report
