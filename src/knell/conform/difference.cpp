#include "knell/conform/difference.hpp"

#include <chrono>
#include <utility>

#include "knell/conform/shrink.hpp"
#include "knell/script/print.hpp"

namespace knell::conform {
namespace {

constexpr int kTries = 3;  // of a script that did not differ
constexpr std::chrono::seconds kPatience{60};

bool differs(const Compared& compared) {
  return !compared.judgement.fits() && !compared.judgement.undecided;
}

}  // namespace

Compared shortest(const Compared& differing, const Realities& realities) {
  Compared best = differing;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  const Fails fails = [&](const script::Script& script) -> std::optional<script::Script> {
    for (int i = 0; i < kTries && std::chrono::steady_clock::now() < until; ++i) {
      Result<Compared> again = compare(script, realities);
      if (!again || !differs(*again)) continue;
      best = std::move(*again);
      return best.script;
    }
    return std::nullopt;
  };
  static_cast<void>(shrink(differing.script, fails));
  return best;
}

std::string report(const Compared& differing) {
  script::Script script = differing.script;
  script.story.emplace_back();
  script.story.emplace_back("After the last step Linux and the model differ:");
  for (const std::string& line : differing.judgement.differences)
    script.story.push_back("  " + line);
  return script::print(script);
}

}  // namespace knell::conform
