#include "knell/live/proc_cgroup.hpp"

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

/// Lower is better; see ProcCgroup::path.
int rank(std::string_view hierarchy, std::string_view controllers) {
  if (hierarchy == "0" && controllers.empty()) return 0;
  if (controllers == "name=systemd") return 1;
  if (controllers == "freezer") return 2;
  if (controllers == "pids") return 3;
  if (controllers == "memory") return 4;
  return 5;
}

}  // namespace

ProcCgroup parse_cgroup(std::string_view text) {
  ProcCgroup cgroup;
  std::string_view best;
  int best_rank = 0;
  while (!text.empty()) {
    std::string_view path = take_line(text);
    const std::string_view hierarchy = take(path, ':');
    const std::string_view controllers = take(path, ':');
    if (!path.starts_with('/')) continue;
    take_ending(path, kDeleted);
    const int place = rank(hierarchy, controllers);
    if (place == 0) cgroup.v2 = path;
    if (place == 2) cgroup.freezer = path;
    if (place == 4) cgroup.memory = path;
    const bool better = best.size() <= 1 || (path != "/" && place < best_rank);
    if (!better) continue;
    best = path;
    best_rank = place;
  }
  cgroup.path = best;
  if (cgroup.memory.empty()) cgroup.memory = cgroup.v2;
  return cgroup;
}

}  // namespace knell::live
