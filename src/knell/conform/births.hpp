#pragma once

/// Everybody who was ever born on a stage, with their numbers and pid namespaces: a number outlives
/// its task where it is still a process group's or a session's.

#include <map>
#include <vector>

#include "knell/world/ids.hpp"

namespace knell::conform {

struct Birth {
  std::vector<Pid> numbers;  ///< in each pid namespace it is in, the first one's first
  std::vector<Pid> inits;    ///< of those namespaces, by their numbers in the first; 1 comes first
};

class Births {
public:
  /// Init's.
  Births() { births_[Pid(1)] = {{Pid(1)}, {Pid(1)}}; }

  void enter(Pid pid, Birth birth) { births_[pid] = std::move(birth); }
  [[nodiscard]] const Birth& of(Pid pid) const;
  /// Whether it is the number of somebody who was born in the pid namespace of that init.
  [[nodiscard]] bool in_namespace(Pid number, Pid init) const;
  [[nodiscard]] bool is_init(Pid pid) const { return of(pid).inits.back() == pid; }
  /// Who has that number in the innermost pid namespace of `viewer`; 0: nobody.
  [[nodiscard]] Pid seen_from(Pid viewer, Pid number) const;

private:
  std::map<Pid, Birth> births_;
};

}  // namespace knell::conform
