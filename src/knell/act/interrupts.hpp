#pragma once

/// The signals by which a person stops knell, held back while it ends others.

#include <signal.h>

#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"

namespace knell::act {

/// While it lives, SIGINT, SIGTERM and SIGHUP to the calling thread do not end the process but
/// make fd() readable. One that the caller ignores (SIGHUP under nohup) stays ignored: blocked, it
/// would be queued all the same (Linux: sig_ignored() in kernel/signal.c).
class Interrupts {
public:
  [[nodiscard]] static Result<Interrupts> hold();
  Interrupts(Interrupts&&) noexcept = default;
  Interrupts& operator=(Interrupts&&) = delete;
  ~Interrupts();

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Whether one has come since it was last asked; takes it off the queue.
  [[nodiscard]] bool taken() const;

private:
  Interrupts(live::Fd fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}
  live::Fd fd_;
  sigset_t before_;
};

}  // namespace knell::act
