#pragma once

/// Where a command runs, and how all in there is reached: one class for each Enclosure.

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "knell/live/fd.hpp"
#include "knell/supervise/descendants.hpp"
#include "knell/supervise/launch.hpp"
#include "knell/supervise/supervisor.hpp"

namespace knell::supervise {

/// What has become of the command: the status word of waitpid(2).
struct Change {
  int word = 0;
};

class Place {
public:
  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  virtual ~Place() = default;

  [[nodiscard]] virtual Enclosure kind() const = 0;
  [[nodiscard]] virtual std::string where() const { return {}; }
  /// Starts the command. After an error nothing is left of the attempt.
  [[nodiscard]] virtual Result<void> start(Launch& launch, bool keep) = 0;
  /// SIGKILL to all, once more each time it is called; `descendants` is how to find them.
  virtual void kill(Descendants& descendants) = 0;
  /// All have ended: takes away what was made for them.
  virtual void clear() {}

  /// In the caller's pid namespace; 0 where that cannot be known.
  [[nodiscard]] virtual Pid command() const { return Pid(child_); }
  /// A child that is none of the command's: the init of its namespace; 0: there is none.
  [[nodiscard]] virtual Pid keeper() const { return {}; }
  /// To be polled beside SIGCHLD; -1: nothing.
  [[nodiscard]] virtual int news() const { return -1; }
  /// To the command, which has not been waited for.
  virtual void send(Signal signal);

  /// Waits for every child that has ended, and tells what became of the command.
  [[nodiscard]] virtual std::vector<Change> changes();
  /// Whether the caller has no child left: then nothing lives that descends from it.
  [[nodiscard]] bool deserted() const { return deserted_; }

protected:
  /// The next child that changed; 0: none now. Sets deserted().
  pid_t wait_for_any(int& word);
  void set_child(pid_t child) { child_ = child; }
  [[nodiscard]] pid_t child() const { return child_; }

private:
  pid_t child_ = 0;
  bool deserted_ = false;
};

/// The means of the last resort, and the net under the others: stops all that it finds until it
/// finds no more, kills them, and then kills its own children as fast as they come.
void sweep(Descendants& descendants);

/// `cgroup_kill`: see Settings.
[[nodiscard]] std::unique_ptr<Place> in_cgroup(bool cgroup_kill);
[[nodiscard]] std::unique_ptr<Place> in_pid_namespace();
[[nodiscard]] std::unique_ptr<Place> as_subreaper();

}  // namespace knell::supervise
