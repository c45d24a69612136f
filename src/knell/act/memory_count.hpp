#pragma once

/// How much memory an ending gave back: not by adding up what each process had resident, which
/// counts shared pages many times, but by what is there afterwards.

#include <cstdint>
#include <string>

#include "knell/live/machine.hpp"
#include "knell/plan/forecast.hpp"
#include "knell/plan/verdict.hpp"

namespace knell::act {

class MemoryCount {
public:
  /// Counts now: in the cgroup that all the processes of the plan are in, if there is one, and in
  /// the whole machine, where others have their part in it.
  MemoryCount(const live::Machine& machine, const plan::Forecast& forecast);

  /// Counts again. A cgroup may have gone with its last process; then it is the machine's count.
  [[nodiscard]] plan::Freed freed() const;

private:
  const live::Machine& machine_;
  std::string cgroup_;
  Result<std::uint64_t> used_by_cgroup_;
  Result<std::uint64_t> available_;
};

}  // namespace knell::act
