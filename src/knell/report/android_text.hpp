#pragma once

/// Android's process groups, as text and as JSON.

#include <string>
#include <vector>

#include "knell/android/groups.hpp"
#include "knell/report/text.hpp"

namespace knell::report {

struct GroupProcess {
  Pid pid;
  std::string name;  ///< bytes from outside
};

/// A group, and who was in it when it was read.
struct ListedGroup {
  android::Group group;
  std::vector<GroupProcess> processes;
};

/// "3 processes: 4711 app, 4712 worker, …": folded unless the style is verbose.
[[nodiscard]] std::string listed_text(const std::vector<ListedGroup>& groups, const Style& style);
/// What is about to be ended, and how.
[[nodiscard]] std::string ending_text(const ListedGroup& group, Signal signal, bool by_events,
                                      const Style& style);

/// One document, with a newline at its end. docs/android.schema.json describes it.
[[nodiscard]] std::string listed_json(const std::vector<ListedGroup>& groups);

}  // namespace knell::report
