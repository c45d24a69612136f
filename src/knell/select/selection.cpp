#include "knell/select/selection.hpp"

#include <array>

#include <fmt/format.h>

#include "knell/select/absent.hpp"
#include "knell/select/find.hpp"
#include "knell/select/narrow.hpp"

namespace knell::select {
namespace {

constexpr std::size_t kNoTarget = static_cast<std::size_t>(-1);

using Refusals = std::array<std::size_t, kOptions>;  ///< how many processes each option refused

/// "'node': 3 matched, but --user root and --older 10m left none".
Error all_refused(const Target& target, std::size_t matched, const Filter& filter,
                  const Refusals& refusals) {
  std::string options;
  for (std::size_t place = 0; place < kOptions; ++place)
    if (refusals[place] > 0)
      options += fmt::format("{}{}", options.empty() ? "" : " and ",
                             option_text(filter, static_cast<Option>(place)));
  return absent(fmt::format("'{}': {} matched, but {} left none", target.typed, matched, options));
}

}  // namespace

Result<Selection> select(const World& world, std::span<const Target> targets, const Filter& filter,
                         const Answers& answers) {
  Selection selection;
  const std::vector<TaskIndex> processes = world.processes();
  const Narrowing narrowing = KNELL_TRY(prepare(world, processes, filter, answers));
  std::vector<std::size_t> named_by(world.tasks.size(), kNoTarget);

  for (std::size_t number = 0; number < targets.size(); ++number) {
    const Target& target = targets[number];
    Finding finding = KNELL_TRY(find_named(world, processes, target, filter.full, answers));
    if (finding.named.empty()) {
      selection.misses.push_back({number, std::move(finding.why_none)});
      continue;
    }
    Refusals refusals{};
    bool left = false;
    for (const TaskIndex process : finding.named) {
      if (const auto option = refused_by(world, process, filter, narrowing)) {
        ++refusals[static_cast<std::size_t>(*option)];
        continue;
      }
      left = true;
      if (named_by[process.place()] == kNoTarget) named_by[process.place()] = number;
    }
    if (!left)
      selection.misses.push_back(
          {number, all_refused(target, finding.named.size(), filter, refusals)});
  }

  for (const TaskIndex process : processes)
    if (named_by[process.place()] != kNoTarget)
      selection.matches.push_back({process, named_by[process.place()]});
  return selection;
}

}  // namespace knell::select
