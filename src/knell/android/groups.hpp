#pragma once

/// Android's process groups as a value: every process that was started for an app has a control
/// group of its own, `ROOT/uid_UID/pid_PID`, in which all it forks stays; so an app can be ended
/// with all that belongs to it. After system/core/libprocessgroup/processgroup.cpp of AOSP.
///
///     const auto groups = KNELL_TRY(ProcessGroups::open(KNELL_TRY(ProcessGroups::find_root())));
///     KNELL_TRY(groups.create(Uid(10057), Pid(4711)));
///     KNELL_TRY(groups.kill(Uid(10057), Pid(4711), signals::kKill));
///
/// What can go wrong: numbers of processes come back. Like Android's, these functions also signal
/// the process group (setpgid(2)) PID, whether or not anybody of it is in the control group. Who
/// calls them must know that PID is still whom he means. (process_group.hpp has Android's own
/// functions on top of this.)

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "knell/android/log.hpp"
#include "knell/live/cgroup.hpp"
#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"

namespace knell::android {

/// How a group is ended.
enum class Way : std::uint8_t {
  automatic,  ///< events where there are some (cgroup v2), tries elsewhere
  events,     ///< Android 15: cgroup.kill, and poll(2) on cgroup.events until nobody is left
  tries,      ///< Android 5 to 14: signal who is listed, sleep 5 ms, at most 40 times
};

/// How long is waited. The numbers are Android's.
struct Patience {
  std::chrono::milliseconds deadline{2200};  ///< events: for everything, removing included
  int tries = 40;                            ///< tries: how often is signalled again
  int removals = 400;                        ///< tries: how often rmdir(2) is tried again
  std::chrono::milliseconds pause{5};        ///< between two tries
};

struct Options {
  Way way = Way::automatic;
  bool cgroup_kill = true;  ///< use cgroup.kill where the kernel has it (events)
  /// Whether groups lie in ROOT/system (uids below 10000) and ROOT/apps. Unset: if both exist.
  std::optional<bool> isolation;
  Patience patience;
  Log log;
};

/// A group that is there.
struct Group {
  Uid uid;
  Pid pid;
  live::Cgroup cgroup;
};

class ProcessGroups {
public:
  /// Where the groups lie if nobody says otherwise: the first cgroup v2 hierarchy that is mounted;
  /// failing that, the v1 hierarchy that counts processor time (cpuacct), Android's /acct.
  /// Error ENOENT: neither is there.
  [[nodiscard]] static Result<std::string> find_root();

  /// `root` is any directory of a cgroup file system. Errors: ENOENT; EINVAL (it is no cgroup; or
  /// events are asked for, which v1 does not have).
  [[nodiscard]] static Result<ProcessGroups> open(const std::string& root, Options options = {});

  [[nodiscard]] const live::Cgroup& root() const { return root_; }
  [[nodiscard]] Way way() const { return way_; }  ///< never `automatic`
  [[nodiscard]] bool isolation() const { return isolation_; }
  [[nodiscard]] live::Cgroup group(Uid uid, Pid pid) const;

  /// Makes the directories, with mode and owner of the root, and moves the process into its group.
  /// A group that exists already is used. Errors: EINVAL (pid <= 0), ESRCH, those of mkdir(2).
  [[nodiscard]] Result<void> create(Uid uid, Pid pid) const;

  /// Sends a signal to all in the group and to the process group `pid`; waits for nobody. For
  /// SIGKILL with cgroup.kill if it may. Errors: ENOENT (no such group: the process group was
  /// signalled all the same); EINVAL (pid <= 1: kill(-1) would be everybody).
  [[nodiscard]] Result<void> send(Uid uid, Pid pid, Signal signal) const;

  /// The same until nobody is left, and removes the group; of isolated uids (90000 to 99999) that
  /// of the uid as well. `once`: does not wait. Errors: those of send; EBUSY (somebody is left).
  [[nodiscard]] Result<void> kill(Uid uid, Pid pid, Signal signal, bool once = false) const;

  /// The groups there are, by uid and pid.
  [[nodiscard]] Result<std::vector<Group>> list() const;

  /// Removes every group in which nobody is, and the uids' that then have none.
  void remove_all_empty() const;

private:
  ProcessGroups(live::Cgroup root, Way way, bool isolation, Options options);

  [[nodiscard]] live::Cgroup uid_group(Uid uid) const;
  [[nodiscard]] std::vector<live::Cgroup> uid_groups() const;
  [[nodiscard]] Result<void> kill_by_events(const Group& group, Signal signal, bool once) const;
  [[nodiscard]] Result<void> kill_by_tries(const Group& group, Signal signal, bool once) const;
  [[nodiscard]] Result<void> send(const Group& group, Signal signal) const;
  [[nodiscard]] Result<std::size_t> send_to_listed(const Group& group, Signal signal) const;
  void send_to_process_group(Pid leader, Signal signal) const;
  [[nodiscard]] Result<bool> wait_until_empty(const Group& group, const live::Fd& events,
                                              Signal signal, bool once,
                                              std::chrono::steady_clock::time_point until) const;
  [[nodiscard]] Result<void> remove(const Group& group) const;
  [[nodiscard]] Result<void> make(const live::Cgroup& cgroup) const;
  void log(Level level, const std::string& text) const;

  live::Cgroup root_;
  Way way_;
  bool isolation_;
  Options options_;
};

}  // namespace knell::android
