#pragma once

/// How a process ended, as wait(2) tells it.

#include <compare>
#include <string>

#include "knell/world/signal.hpp"

namespace knell {

/// The status word of wait(2): `exit_code` in the kernel. A value; there is no "not ended yet" in
/// it (use an optional).
class WaitStatus {
public:
  constexpr WaitStatus() = default;
  constexpr explicit WaitStatus(int word) : word_(word) {}
  static constexpr WaitStatus exited(int code) { return WaitStatus((code & 0xff) << 8); }
  static constexpr WaitStatus killed(Signal signal, bool core = false) {
    return WaitStatus(signal.number() | (core ? 0x80 : 0));
  }

  [[nodiscard]] constexpr int word() const { return word_; }
  [[nodiscard]] constexpr bool by_signal() const { return (word_ & 0x7f) != 0; }
  [[nodiscard]] constexpr bool dumped_core() const { return by_signal() && (word_ & 0x80) != 0; }
  /// The signal that ended it; 0 if it exited by itself.
  [[nodiscard]] constexpr Signal signal() const { return Signal(word_ & 0x7f); }
  /// The exit status; meaningful only if it exited by itself.
  [[nodiscard]] constexpr int code() const { return (word_ >> 8) & 0xff; }
  constexpr auto operator<=>(const WaitStatus&) const = default;

  /// "killed by TERM", "killed by SEGV, core dumped", "exit status 3".
  [[nodiscard]] std::string text() const;

private:
  int word_ = 0;
};

}  // namespace knell
