#include "knell/conform/births.hpp"

#include <algorithm>

namespace knell::conform {

const Birth& Births::of(Pid pid) const {
  static const Birth kNobody{{Pid{}}, {Pid{}}};
  const auto found = births_.find(pid);
  return found == births_.end() ? kNobody : found->second;
}

bool Births::in_namespace(Pid number, Pid init) const {
  const auto& inits = of(number).inits;
  return std::ranges::find(inits, init) != inits.end();
}

Pid Births::seen_from(Pid viewer, Pid number) const {
  const auto& inits = of(viewer).inits;
  const std::size_t level = inits.size() - 1;
  for (const auto& [pid, birth] : births_)
    if (birth.numbers.size() > level && birth.numbers[level] == number &&
        birth.inits[level] == inits[level])
      return pid;
  return Pid{};
}

}  // namespace knell::conform
