/// Whatever is a scenario can be played: it ends, and the World that it leaves is told.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "knell/script/parse.hpp"
#include "knell/script/simulation.hpp"

namespace {

/// What takes long only because it says so: a timer fires every millisecond of an hour.
bool is_long(const knell::script::Script& script) {
  std::uint64_t passes = 0;
  for (const knell::script::Step& step : script.steps)
    if (const auto* pass = std::get_if<knell::script::PassStep>(&step.what))
      passes += pass->milliseconds;
  return script.steps.size() > 200 || passes > 1000;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace knell;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const script::Parsed parsed = script::parse_all(text, "any");
  if (!parsed.errors.empty() || is_long(parsed.script)) return 0;
  const script::Simulation simulation = script::simulate(parsed.script, {.functions = true});
  return simulation.steps.size() > parsed.script.steps.size() ? 1 : 0;
}
