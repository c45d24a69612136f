#pragma once

/// A scenario's first process: made in namespaces of its own, and ended with all that are in them.

#include "knell/conform/memory.hpp"
#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

/// Pid 1 of a scenario's pid namespace. Its parent is this process, and it ends with the thread of
/// this process that made it.
class Init {
public:
  /// Init is a puppet and waits for commands in slot 0. Errors: what the machine does not allow.
  [[nodiscard]] static Result<Init> launch(const Memory& memory);
  Init(Init&&) = default;
  Init& operator=(Init&&) = delete;
  ~Init();  ///< ends everybody in its pid namespace, and waits until they are gone

  /// The /proc of its pid namespace.
  [[nodiscard]] int proc() const { return proc_.get(); }
  /// Whether it has ended.
  [[nodiscard]] bool ended() const;
  /// Returns when whatever the kernel has begun to do to its list of tasks is done.
  void wait_for_tasklist_lock() const { static_cast<void>(ended()); }

private:
  explicit Init(live::Fd pidfd) : pidfd_(std::move(pidfd)) {}

  live::Fd pidfd_;
  live::Fd proc_;
};

}  // namespace knell::conform
