#pragma once

#include <nlohmann/json.hpp>

#include "zoo/job.hpp"

namespace knell::zoo {

[[nodiscard]] nlohmann::json to_json(const Outcome& outcome);
[[nodiscard]] Outcome outcome_from(const nlohmann::json& document);

}  // namespace knell::zoo
