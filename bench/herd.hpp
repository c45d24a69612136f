#pragma once

/// Many sleeping processes, children of the benchmark, that end with it.

#include <sys/types.h>

#include <cstddef>
#include <vector>

namespace knell::bench {

class Herd {
public:
  /// Starts `size` processes called `name` and waits until all of them sleep.
  Herd(std::size_t size, const char* name);
  ~Herd();
  Herd(const Herd&) = delete;
  Herd& operator=(const Herd&) = delete;

  [[nodiscard]] pid_t any() const { return pids_[pids_.size() / 2]; }
  [[nodiscard]] const std::vector<pid_t>& pids() const { return pids_; }
  /// Waits until every one has ended and was reaped.
  void wait_for_all();

private:
  std::vector<pid_t> pids_;
};

}  // namespace knell::bench
