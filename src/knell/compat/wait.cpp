#include "knell/compat/wait.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace knell::compat {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// For poll(2), which takes no more than INT_MAX at once; -1: no limit.
int left_until(const Deadline& deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<milliseconds::rep>(left, 0, INT_MAX));
}

bool is_over(const Deadline& deadline) {
  return deadline && steady_clock::now() >= *deadline;
}

}  // namespace

Result<std::vector<ProcessId>> wait_for(const std::vector<live::ProcessHandle>& processes,
                                        Deadline deadline) {
  std::vector<pollfd> waiting;
  waiting.reserve(processes.size());
  for (const live::ProcessHandle& process : processes)
    waiting.push_back({.fd = process.fd(), .events = POLLIN, .revents = 0});
  auto left = waiting.size();
  while (left > 0) {
    const bool over = is_over(deadline);
    const int ended = ::poll(waiting.data(), waiting.size(), left_until(deadline));
    if (ended < 0 && errno != EINTR) return failure(errno, "wait", "for processes");
    for (pollfd& one : waiting) {
      if (ended <= 0 || one.fd < 0 || one.revents == 0) continue;
      one.fd = -1;  // poll(2) passes it over
      --left;
    }
    if (over) break;
  }
  std::vector<ProcessId> living;
  for (std::size_t place = 0; place < waiting.size(); ++place)
    if (waiting[place].fd >= 0) living.push_back(processes[place].id());
  return living;
}

}  // namespace knell::compat
