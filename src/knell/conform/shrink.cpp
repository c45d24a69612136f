#include "knell/conform/shrink.hpp"

#include <algorithm>
#include <utility>

namespace knell::conform {
namespace {

script::Script without(const script::Script& script, std::size_t from, std::size_t count) {
  script::Script rest = script;
  const auto first = rest.steps.begin() + static_cast<std::ptrdiff_t>(from);
  rest.steps.erase(first, first + static_cast<std::ptrdiff_t>(count));
  return rest;
}

/// Takes away so many steps at once, from the end to the beginning; true if something could go.
bool take_away(script::Script& script, std::size_t count, const Fails& fails, std::size_t& tries) {
  bool any = false;
  std::size_t end = script.steps.size();
  while (end > 0 && tries > 0) {
    const std::size_t from = end - std::min(count, end);
    --tries;
    if (std::optional<script::Script> rest = fails(without(script, from, end - from))) {
      script = std::move(*rest);
      any = true;
    }
    end = std::min(from, script.steps.size());
  }
  return any;
}

}  // namespace

script::Script shrink(script::Script failing, const Fails& fails, std::size_t tries) {
  std::size_t count = failing.steps.size() / 2;
  while (count > 0 && tries > 0) {
    const bool any = take_away(failing, count, fails, tries);
    if (count == 1 && !any) break;
    count = std::max<std::size_t>(1, std::min(count, failing.steps.size()) / 2);
  }
  return failing;
}

}  // namespace knell::conform
