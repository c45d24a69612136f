#pragma once

/// What an animal has while it lives: who to tell that it stands, and when it ends by itself.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace knell::zoo {

class Life {
public:
  struct Terms {
    int ready = 1;            ///< where "PID ready" is written; -1: nowhere
    int go = -1;              ///< a byte comes here when the animal may go on; -1: it may at once
    std::uint64_t count = 0;  ///< how many, or how many MiB: as the animal's description says
    std::int64_t until = 0;   ///< CLOCK_MONOTONIC, milliseconds: no process of it lives longer
    std::string place;        ///< a directory that it may write in
    int group = -1;           ///< `cgroup.procs` of a control group that it enters first; -1: none
  };
  explicit Life(Terms terms) : terms_(std::move(terms)) {}

  [[nodiscard]] std::uint64_t count() const { return terms_.count; }
  [[nodiscard]] const Terms& terms() const { return terms_; }
  [[nodiscard]] bool over() const { return remaining() <= 0; }
  /// Milliseconds.
  [[nodiscard]] std::int64_t remaining() const;

  /// Tells the keeper that all of the animal stands, and whom a person would name to end it.
  void stands(pid_t target) const;
  /// Waits until the keeper has closed the animal in.
  void await_go() const;
  /// Does nothing until the end of its time, whatever signals come, and exits.
  [[noreturn]] void rest() const;

private:
  Terms terms_;
};

/// CLOCK_MONOTONIC, milliseconds.
[[nodiscard]] std::int64_t now();
void nap(std::int64_t milliseconds);

/// fork(2), and `then` in the child, which exits with status 0 afterwards. Where no process can be
/// had the caller says so and exits.
pid_t start(const std::function<void()>& then);
/// The same, but the child's parent ends before `start_stray` returns, so that nothing in the
/// process table leads back to the caller.
void start_stray(const std::function<void()>& then);

/// Says what failed, with errno, and exits.
[[noreturn]] void give_up(const char* what);

/// In a user namespace of one's own that was just made: the user and the group get the numbers they
/// had, as they may (user_namespaces(7)). False: errno tells why not.
[[nodiscard]] bool keep_own_number(uid_t user, gid_t group);

/// The caller runs on the first of the CPUs it may run on, and on no other.
void share_one_cpu();

/// So many processes tell the one that waits for them that they stand.
class Muster {
public:
  Muster();
  void here() const;
  void wait_for(std::uint64_t count) const;
  [[nodiscard]] int fd() const { return write_; }

private:
  int read_ = -1;
  int write_ = -1;
};

/// A process and a child that do nothing: whatever was set for it before holds for both.
[[noreturn]] void live_with_a_child(const Life& life);

/// Where the kernel put argv and the environment (`/proc/PID/cmdline` and `environ` show it).
void remember_arguments(char** argv, char** environment);
/// Both show this instead, and nothing else.
void show_arguments(std::string_view instead);

}  // namespace knell::zoo
