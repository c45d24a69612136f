#pragma once

/// The zoo's table: animal by killer, what was achieved, how long it took, who survived, who else
/// was hit.

#include <string>
#include <vector>

#include "zoo/job.hpp"

namespace knell::zoo {

struct Row {
  Job job;
  Outcome outcome;
};

[[nodiscard]] std::string table_head();
[[nodiscard]] std::string table_line(const Row& row);
/// One object a row, in a list.
[[nodiscard]] std::string table_json(const std::vector<Row>& rows);

}  // namespace knell::zoo
