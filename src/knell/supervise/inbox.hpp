#pragma once

/// The signals that are sent to the supervisor, read from a descriptor instead of interrupting it.

#include <sys/signalfd.h>

#include <optional>

#include "knell/live/fd.hpp"
#include "knell/supervise/inherited.hpp"
#include "knell/world/error.hpp"

namespace knell::supervise {

class Inbox {
public:
  /// Blocks all signals but those that a fault of the supervisor's own causes, and those that it
  /// was started ignoring: blocked, they would be queued (Linux: sig_ignored() in kernel/signal.c).
  /// SIGCHLD gets its default action, for a process that ignores it has no children to wait for.
  [[nodiscard]] static Result<Inbox> open(const Inherited& inherited);

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// The next one; none if there is none now.
  [[nodiscard]] std::optional<signalfd_siginfo> next() const;

private:
  explicit Inbox(live::Fd fd) : fd_(std::move(fd)) {}
  live::Fd fd_;
};

}  // namespace knell::supervise
