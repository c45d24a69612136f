#pragma once

/// A command that is run so that it can be ended whole, with all that descends from it.
///
///     const auto ended = supervise::run(settings, {"make", "test"});
///     return ended ? supervise::exit_status(*ended, false) : 125;
///
/// The caller becomes a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): a descendant whose parent has
/// ended becomes its child. So once it has no child left, nothing of the command is left, whoever
/// called setsid(2), cleared its environment or closed its descriptors. What differs from machine
/// to machine is only by what means all are *reached* at once: see Enclosure.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "knell/supervise/inherited.hpp"
#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"
#include "knell/world/task.hpp"
#include "knell/world/wait_status.hpp"

namespace knell::supervise {

/// Around the command, best first.
enum class Enclosure : std::uint8_t {
  automatic,      ///< the first of these that is permitted
  cgroup,         ///< a control group (v2) of its own below the caller's
  pid_namespace,  ///< a pid namespace of its own; for a plain user in a user namespace of its own
  subreaper,      ///< nothing but that orphans come to the caller: always permitted
};

struct Settings {
  /// How long the command may run; none: for ever.
  std::optional<std::chrono::milliseconds> timeout;
  /// How long those that were sent `signal` have before SIGKILL.
  std::chrono::milliseconds grace{std::chrono::seconds(10)};
  /// What is sent to all when the time is up, or to those the command left behind (then SIGCONT,
  /// for a stopped process takes a signal only once it goes on). SIGKILL: no grace.
  Signal signal = signals::kTerm;
  /// Ends nobody but the command itself. As pid 1 of its namespace, whose end would end them all,
  /// the caller waits until they have ended by themselves.
  bool keep = false;
  /// Never stops with the command (job control), as pid 1 cannot. Automatic as pid 1.
  bool as_init = false;
  /// The command begins with every signal's default action and none blocked, as a daemon should;
  /// otherwise with those of the caller.
  bool daemon = false;
  Enclosure enclosure = Enclosure::automatic;
  /// false: does without `cgroup.kill`, as before Linux 5.14. For tests.
  bool cgroup_kill = true;
};

/// What was not ended by SIGKILL within reasonable time.
struct Survivor {
  Pid pid;
  std::string comm;
  TaskState state = TaskState::sleeping;
  int refused = 0;  ///< the errno with which the signal was refused; 0: it was sent
};

/// What came of the command.
struct Ended {
  std::optional<WaitStatus> status;  ///< none: it could not be started
  int exec_error = 0;                ///< the errno of execve(2), if that is why
  bool timed_out = false;
  Enclosure enclosure = Enclosure::subreaper;  ///< which it was in
  std::string where;       ///< of a cgroup: its path; of a namespace: what is amiss in it, or ""
  std::size_t left = 0;    ///< processes there when the command had ended or its time was up
  std::size_t killed = 0;  ///< processes that were sent SIGKILL, as far as they were seen
  std::vector<Survivor> survivors;
};

/// Told while it runs. Neither may take long: signals wait meanwhile.
struct Observer {
  /// The command is in this enclosure; `where` as in Ended.
  std::function<void(Enclosure, const std::string& where)> enclosed;
  /// The command runs: execve(2) has succeeded. Its pid as the caller's namespace has it.
  std::function<void(Pid)> started;
};

/// Runs `argv` (found in PATH as execvp(3) does) until it has ended, and all else with it.
///
/// Meanwhile every signal that is sent to the caller is passed on to the command; those that a
/// terminal sends reach it by themselves, for it stays in the caller's process group. While all are
/// being ended, INT, TERM, HUP and QUIT mean SIGKILL at once.
///
/// To be called by a process with one thread, and once: the caller stays a subreaper, and its
/// signals stay blocked. EBUSY: it has children already, which would be ended, too (see relay.hpp);
/// pid 1 may have some, for its end is theirs. Needs Linux 5.3. An Error is the supervisor's own
/// failure, an enclosure that is not permitted included; then nothing was started.
[[nodiscard]] Result<Ended> run(const Settings& settings, const Inherited& inherited,
                                const std::vector<std::string>& argv,
                                const Observer& observer = {});

/// The exit status that timeout(1) of coreutils would have: 124 if the time was up, unless the
/// command had to be killed (137) or `preserve`; else the command's own, 128 + N if signal N ended
/// it; 127 if there is no such command, 126 if it cannot be run.
[[nodiscard]] int exit_status(const Ended& ended, bool preserve);

}  // namespace knell::supervise
