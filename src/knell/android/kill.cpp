/// A group is signalled until nobody is left, and removed: KillProcessGroup() of libprocessgroup,
/// as it is today (events) and as it was until 2023 (tries).

#include <poll.h>

#include <cerrno>
#include <thread>

#include <fmt/format.h>

#include "knell/android/groups.hpp"

namespace knell::android {
namespace {

using std::chrono::steady_clock;

std::int64_t ms_since(steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start).count();
}

/// Until the group gains its first or loses its last process.
void wait_for_event(const live::Fd& events, steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
  pollfd waiting{.fd = events.get(), .events = POLLPRI, .revents = 0};
  if (left.count() > 0) ::poll(&waiting, 1, static_cast<int>(left.count()));
}

}  // namespace

Result<void> ProcessGroups::kill(Uid uid, Pid pid, Signal signal, bool once) const {
  if (pid.value() <= 1) {
    log(Level::error, fmt::format("KillProcessGroup: invalid PID {}", pid.value()));
    return failure(EINVAL, "end the group of", fmt::format("pid {}", pid.value()));
  }
  const Group whom{uid, pid, group(uid, pid)};
  return way_ == Way::events ? kill_by_events(whom, signal, once)
                             : kill_by_tries(whom, signal, once);
}

/// False if somebody is left at the deadline.
Result<bool> ProcessGroups::wait_until_empty(const Group& group, const live::Fd& events,
                                             Signal signal, bool once,
                                             steady_clock::time_point until) const {
  while (KNELL_TRY(live::Cgroup::populated(events))) {
    if (steady_clock::now() >= until) return false;
    // Again: somebody may have been forked, or moved here, after the last time.
    static_cast<void>(send(group, signal));
    if (once) return !KNELL_TRY(live::Cgroup::populated(events));
    wait_for_event(events, until);
  }
  return true;
}

Result<void> ProcessGroups::kill_by_events(const Group& group, Signal signal, bool once) const {
  const auto start = steady_clock::now();
  const auto until = start + options_.patience.deadline;
  const std::string& path = group.cgroup.path();
  KNELL_TRY(send(group, signal));
  const Result<live::Fd> events = group.cgroup.events();
  if (!events) {
    log(Level::warning, events.error().message());
    return std::unexpected(events.error());
  }
  while (true) {
    const Result<bool> empty = wait_until_empty(group, *events, signal, once, until);
    if (!empty) log(Level::error, empty.error().message());
    if (empty && *empty)
      log(Level::verbose,
          fmt::format("Killed all processes under cgroup {} after {} ms", path, ms_since(start)));
    if (empty && !*empty)
      log(Level::warning,
          fmt::format("Still waiting on process(es) to exit for cgroup {} after {} ms", path,
                      ms_since(start)));
    const Result<void> removed = remove(group);
    log(removed ? Level::info : Level::error,
        removed ? "Removed cgroup " + path : removed.error().message());
    if (removed || removed.error().number != EBUSY || once || steady_clock::now() >= until)
      return removed;
    std::this_thread::sleep_for(options_.patience.pause);  // there may be a group inside of it
  }
}

Result<void> ProcessGroups::kill_by_tries(const Group& group, Signal signal, bool once) const {
  const auto start = steady_clock::now();
  const Patience& patience = options_.patience;
  std::size_t left = KNELL_TRY(send_to_listed(group, signal));
  for (int tries = once ? 0 : patience.tries; left > 0 && tries > 0; --tries) {
    log(Level::verbose,
        fmt::format("Killed {} processes for processgroup {}", left, group.pid.value()));
    std::this_thread::sleep_for(patience.pause);
    left = send_to_listed(group, signal).value_or(0);  // removed by somebody else: nobody is left
  }
  const std::string what = fmt::format("process cgroup uid {} pid {} in {}ms", group.uid.value(),
                                       group.pid.value(), ms_since(start));
  if (left > 0) {
    if (!once) log(Level::error, fmt::format("Failed to kill {}, {} processes remain", what, left));
    return failure(EBUSY, "end", group.cgroup.path());
  }
  if (!once) log(Level::info, "Successfully killed " + what);
  Result<void> removed = remove(group);
  for (int tries = once ? 0 : patience.removals; tries > 0; --tries) {
    if (removed || removed.error().number != EBUSY) break;
    std::this_thread::sleep_for(patience.pause);
    removed = remove(group);
  }
  return removed;
}

}  // namespace knell::android
