#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <unordered_set>

#include "knell/supervise/place.hpp"

namespace knell::supervise {
namespace {

/// Who goes on forking is caught while it is being looked for, or the next time.
constexpr int kLooks = 20;
constexpr int kIdleSnatches = 20;
constexpr std::size_t kMostSnatched = 20'000;  // then they are waited for, before the next round

class AsSubreaper : public Place {
public:
  [[nodiscard]] Enclosure kind() const override { return Enclosure::subreaper; }

  [[nodiscard]] Result<void> start(Launch& launch, bool /*keep*/) override {
    const pid_t child = clone_process(0);
    if (child < 0) return failure(errno, "start", "the command");
    if (child == 0) launch.become(true);
    set_child(child);
    return {};
  }

  void kill(Descendants& descendants) override {
    // As pid 1: all of its namespace but itself, under one lock (kill_something_info).
    if (::getpid() == 1)
      ::kill(-1, SIGKILL);
    else
      sweep(descendants);
  }
};

/// What is stopped does not fork: once a look finds nobody new, all are known.
std::vector<Process> stop_all(Descendants& descendants) {
  std::unordered_set<ProcessId> stopped;
  std::vector<Process> found;
  for (int look = 0; look < kLooks; ++look) {
    found = descendants.look();
    bool new_ones = false;
    for (const Process& process : found) {
      if (!stopped.insert(process.id).second) continue;
      new_ones = true;
      static_cast<void>(descendants.send(process, signals::kStop));
    }
    if (!new_ones) break;
  }
  return found;
}

/// Whoever forks and ends at once, and its child likewise, is never where a look has seen it. But
/// by its parent's end it has become a child of ours, and these are listed in a moment. None of
/// them is waited for meanwhile, so a number that was killed is not another's.
void snatch(Descendants& descendants) {
  const int most_idle = descendants.sees_all() ? kIdleSnatches : 1;
  std::unordered_set<Pid> killed;
  for (int idle = 0; idle < most_idle && killed.size() < kMostSnatched; ++idle)
    for (const Pid child : descendants.children()) {
      if (!killed.insert(child).second) continue;
      ::kill(child.value(), SIGKILL);
      idle = 0;
    }
}

}  // namespace

void sweep(Descendants& descendants) {
  if (descendants.sees_all())
    for (const Process& process : stop_all(descendants))
      static_cast<void>(descendants.send(process, signals::kKill));
  snatch(descendants);
}

std::unique_ptr<Place> as_subreaper() {
  return std::make_unique<AsSubreaper>();
}

}  // namespace knell::supervise
