#pragma once

/// Scenarios for tests, and a reality that is only another World.

#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "knell/conform/comparison.hpp"
#include "knell/conform/random.hpp"
#include "knell/kernel/kernel.hpp"
#include "knell/script/parse.hpp"
#include "knell/script/run.hpp"

namespace knell::conform::test {

inline script::Script scenario(std::string_view text) {
  Result<script::Script> script = script::parse(text);
  if (!script) ADD_FAILURE() << script.error().message();
  return script.value_or(script::Script{});
}

/// A Run after these lines, all of which have to be possible.
inline script::Run after(std::string_view text) {
  const script::Script script = scenario(text);
  script::Run run = script::start(script);
  for (const script::Step& step : script.steps)
    if (const auto done = script::step(run, step); !done) ADD_FAILURE() << done.error().message();
  return run;
}

/// A machine that is a World in which chance says who runs next: everything that Linux allows and
/// the model knows, and nothing else.
class OtherWorld : public Reality {
public:
  OtherWorld(const script::Script& script, std::uint64_t seed)
      : world_(script::start(script).world), random_(seed) {}

  Result<void> perform(const script::Action& action) override {
    for (UserContext& context : world_.contexts) context.ran.clear();
    kernel::Kernel kernel(world_);
    script::perform(kernel, action);
    while (!world_.run_queue.empty())
      kernel::run(kernel, world_.run_queue[random_.below(world_.run_queue.size())]);
    return {};
  }
  Result<Observation> rest() override { return observe(world_); }

private:
  World world_;
  Random random_;
};

inline Realities other_worlds(const script::Script& script, std::uint64_t seed) {
  return [script, seed]() -> Result<std::unique_ptr<Reality>> {
    return std::make_unique<OtherWorld>(script, seed);
  };
}

}  // namespace knell::conform::test
