#pragma once

/// Signals and sets of them, as Linux on x86-64, arm64 and RISC-V numbers them.

#include <bit>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace knell {

/// What the kernel does with a signal that is neither caught nor ignored. signal(7).
enum class DefaultAction : std::uint8_t { terminate, core, ignore, stop, resume };

/// A signal's number: 1 to 64, or 0, which is sent to ask whether one could be sent (kill(2)).
class Signal {
public:
  static constexpr int kLast = 64;  // _NSIG, include/uapi/asm-generic/signal.h
  /// The first and last real-time signal a program can use: glibc keeps 32 and 33 for threads.
  static constexpr int kRealTimeFirst = 34;

  constexpr Signal() = default;
  constexpr explicit Signal(int number) : number_(static_cast<std::int8_t>(number)) {}

  [[nodiscard]] constexpr int number() const { return number_; }
  /// Linux: valid_signal(). 0 counts.
  [[nodiscard]] constexpr bool valid() const { return number_ >= 0 && number_ <= kLast; }
  constexpr auto operator<=>(const Signal&) const = default;

  /// "TERM", "RTMIN+3", "32" (no name), "0".
  [[nodiscard]] std::string name() const;
  /// signal(7), and the masks SIG_KERNEL_*_MASK of include/linux/signal.h.
  [[nodiscard]] DefaultAction default_action() const;
  [[nodiscard]] bool stops() const { return default_action() == DefaultAction::stop; }

  /// "TERM", "SIGTERM", "sigterm", "15", "RTMIN", "RTMIN+3", "RTMAX-1", "0".
  [[nodiscard]] static std::optional<Signal> parse(std::string_view text);

private:
  std::int8_t number_ = 0;
};

namespace signals {
inline constexpr Signal kHup{1}, kInt{2}, kQuit{3}, kIll{4}, kTrap{5}, kAbrt{6}, kBus{7}, kFpe{8},
    kKill{9}, kUsr1{10}, kSegv{11}, kUsr2{12}, kPipe{13}, kAlrm{14}, kTerm{15}, kStkflt{16},
    kChld{17}, kCont{18}, kStop{19}, kTstp{20}, kTtin{21}, kTtou{22}, kUrg{23}, kXcpu{24},
    kXfsz{25}, kVtalrm{26}, kProf{27}, kWinch{28}, kIo{29}, kPwr{30}, kSys{31};
}  // namespace signals

/// A set of signals (sigset_t): bit N-1 is signal N, as in the masks of /proc/PID/status.
class SigSet {
public:
  constexpr SigSet() = default;
  constexpr explicit SigSet(std::uint64_t bits) : bits_(bits) {}
  constexpr SigSet(std::initializer_list<Signal> members) {
    for (Signal member : members) add(member);
  }

  [[nodiscard]] constexpr bool has(Signal signal) const { return (bits_ & bit(signal)) != 0; }
  constexpr void add(Signal signal) { bits_ |= bit(signal); }
  constexpr void remove(Signal signal) { bits_ &= ~bit(signal); }
  constexpr void remove(SigSet other) { bits_ &= ~other.bits_; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }
  /// The member with the lowest number; asked only of a set that is not empty.
  [[nodiscard]] constexpr Signal lowest() const { return Signal(std::countr_zero(bits_) + 1); }

  constexpr SigSet operator|(SigSet other) const { return SigSet(bits_ | other.bits_); }
  constexpr SigSet operator&(SigSet other) const { return SigSet(bits_ & other.bits_); }
  constexpr SigSet operator~() const { return SigSet(~bits_); }
  constexpr bool operator==(const SigSet&) const = default;

private:
  /// A number that is no signal's (a call may be given any) has no bit: no set holds it.
  static constexpr std::uint64_t bit(Signal signal) {
    return signal.number() >= 1 && signal.valid() ? std::uint64_t{1} << (signal.number() - 1) : 0;
  }
  std::uint64_t bits_ = 0;
};

namespace signals {
// The kernel's own groups, by the names of include/linux/signal.h.
inline constexpr SigSet kKernelOnly{kKill, kStop};
inline constexpr SigSet kKernelStop{kStop, kTstp, kTtin, kTtou};
inline constexpr SigSet kKernelCoredump{kQuit, kIll, kTrap, kAbrt, kFpe,
                                        kSegv, kBus, kSys,  kXcpu, kXfsz};
inline constexpr SigSet kKernelIgnore{kCont, kChld, kWinch, kUrg};
inline constexpr SigSet kSynchronous{kSegv, kBus, kIll, kTrap, kFpe, kSys};
}  // namespace signals

}  // namespace knell
