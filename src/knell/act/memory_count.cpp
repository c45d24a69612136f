#include "knell/act/memory_count.hpp"

#include <vector>

namespace knell::act {
namespace {

using Bytes = Result<std::uint64_t>;

std::string cgroup_of(const live::Machine& machine, const plan::Forecast& forecast) {
  if (forecast.summary_only) return {};  // so many are not looked at one by one
  std::vector<Pid> living;
  for (const plan::ProcessForecast& process : forecast.processes)
    if (process.state != TaskState::zombie) living.push_back(process.id.pid);
  return machine.memory_cgroup(living);
}

std::int64_t difference(const Bytes& more, const Bytes& less) {
  return static_cast<std::int64_t>(*more) - static_cast<std::int64_t>(*less);
}

}  // namespace

MemoryCount::MemoryCount(const live::Machine& machine, const plan::Forecast& forecast)
    : machine_(machine),
      cgroup_(cgroup_of(machine, forecast)),
      used_by_cgroup_(cgroup_.empty() ? Bytes(0) : machine.cgroup_memory(cgroup_)),
      available_(machine.memory_available()) {
}

plan::Freed MemoryCount::freed() const {
  using Source = plan::Freed::Source;
  if (!cgroup_.empty() && used_by_cgroup_)
    if (const Bytes now = machine_.cgroup_memory(cgroup_))
      return {.source = Source::cgroup, .bytes = difference(used_by_cgroup_, now)};
  const Bytes now = machine_.memory_available();
  if (!available_ || !now) return {};
  return {.source = Source::machine, .bytes = difference(now, available_)};
}

}  // namespace knell::act
