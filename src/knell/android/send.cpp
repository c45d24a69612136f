/// One signal to all of a group: sendSignalToProcessGroup() of libprocessgroup.
///
/// SIGKILL goes by cgroup.kill, one write that misses nobody, not even who is being forked. Any
/// other signal, and any signal where there is no such file, goes to who is listed in cgroup.procs:
/// first to the process groups whose leaders are listed, then to the rest one by one. Whoever is
/// forked meanwhile is missed, which is why the callers look again.

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <set>

#include <fmt/format.h>

#include "knell/android/groups.hpp"

namespace knell::android {
namespace {

/// Who is listed, as they are signalled.
struct Recipients {
  std::set<Pid> leaders;  ///< of process groups, which are signalled whole
  std::set<Pid> others;   ///< in none of these groups
};

Recipients split(const std::vector<Pid>& listed, Pid initial) {
  Recipients to{{initial}, {}};
  std::map<Pid, Pid> leader_of;
  for (const Pid pid : listed) {
    const Pid leader(::getpgid(pid.value()));  // -1 if it has ended: kill() will say ESRCH
    if (leader == pid && pid != Pid(1))        // kill(-1) would be everybody
      to.leaders.insert(pid);
    else
      leader_of[pid] = leader;
  }
  for (const auto& [pid, leader] : leader_of)
    if (!to.leaders.contains(leader)) to.others.insert(pid);
  return to;
}

}  // namespace

/// Others may be in that process group, and not in the control group: Android means them, too.
void ProcessGroups::send_to_process_group(Pid leader, Signal signal) const {
  if (::kill(-leader.value(), signal.number()) != 0 && errno != ESRCH)
    log(Level::warning, fmt::format("kill({}, {}) failed: {}", -leader.value(), signal.number(),
                                    std::strerror(errno)));
}

Result<void> ProcessGroups::send(Uid uid, Pid pid, Signal signal) const {
  if (pid.value() <= 1) {
    log(Level::error, fmt::format("sendSignalToProcessGroup: invalid PID {}", pid.value()));
    return failure(EINVAL, "signal the group of", fmt::format("pid {}", pid.value()));
  }
  return send({uid, pid, group(uid, pid)}, signal);
}

Result<void> ProcessGroups::send(const Group& group, Signal signal) const {
  if (signal == signals::kKill && way_ == Way::events && options_.cgroup_kill &&
      group.cgroup.can_kill()) {
    send_to_process_group(group.pid, signal);
    const Result<void> killed = group.cgroup.kill();
    if (killed) return {};
    log(Level::error, killed.error().message());
  }
  KNELL_TRY(send_to_listed(group, signal));
  return {};
}

/// How many were listed.
Result<std::size_t> ProcessGroups::send_to_listed(const Group& group, Signal signal) const {
  Result<std::vector<Pid>> listed = group.cgroup.processes();
  if (!listed) {
    log(Level::error, listed.error().message());
    send_to_process_group(group.pid, signal);
    return std::unexpected(std::move(listed).error());
  }
  const std::size_t count = listed->size();
  // A process of another pid namespace reads as 0, and kill(0) would be our own process group.
  if (std::erase(*listed, Pid(0)) > 0)
    log(Level::warning, fmt::format("{} has processes of another pid namespace, which cannot be "
                                    "signalled from here",
                                    group.cgroup.path()));
  const Recipients to = split(*listed, group.pid);
  for (const Pid leader : to.leaders) send_to_process_group(leader, signal);
  for (const Pid pid : to.others)
    if (::kill(pid.value(), signal.number()) != 0 && errno != ESRCH)
      log(Level::warning, fmt::format("kill({}, {}) failed: {}", pid.value(), signal.number(),
                                      std::strerror(errno)));
  return count;
}

}  // namespace knell::android
