#include <fmt/format.h>

#include "knell/plan/forecast.hpp"
#include "knell/select/selection.hpp"

namespace knell::plan {
namespace {

Result<Step> parse_step(std::string_view text, std::chrono::milliseconds default_wait) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::optional<Signal> signal = Signal::parse(name);
  if (!signal || signal->number() == 0)
    return failure(EINVAL, "use", fmt::format("the signal \"{}\"", name),
                   "names like TERM, HUP, RTMIN+1 or numbers from 1 to 64");
  if (colon == std::string_view::npos) return Step{*signal, default_wait};
  return Step{*signal, KNELL_TRY(select::parse_duration(text.substr(colon + 1)))};
}

}  // namespace

Result<std::vector<Step>> parse_steps(std::string_view text,
                                      std::chrono::milliseconds default_wait) {
  std::vector<Step> steps;
  while (true) {
    const std::size_t comma = text.find(',');
    steps.push_back(KNELL_TRY(parse_step(text.substr(0, comma), default_wait)));
    if (comma == std::string_view::npos) return steps;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace knell::plan
