#pragma once

/// The numbers by which Linux names things, each a type of its own: a `Pid` is no `Uid`, and
/// neither comes from an int by accident.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace knell {

/// An integer that knows what it numbers. `Tag` only keeps the kinds apart.
template <class Tag, class Rep = std::int32_t>
class Strong {
public:
  using rep = Rep;

  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const Strong&) const = default;

private:
  Rep value_{};
};

/// A thread's number (Linux: pid_t of a task; `gettid(2)`), in the reader's pid namespace.
/// For the leader of a thread group, the number of the process.
using Pid = Strong<struct PidTag>;
/// A process group's number: the pid of its first leader (`setpgid(2)`).
using Pgid = Strong<struct PgidTag>;
/// A session's number: the pid of its first leader (`setsid(2)`).
using Sid = Strong<struct SidTag>;
using Uid = Strong<struct UidTag, std::uint32_t>;
using Gid = Strong<struct GidTag, std::uint32_t>;
/// The inode of a namespace, as `/proc/PID/ns/*` shows it. 0: not known.
using NamespaceId = Strong<struct NamespaceTag, std::uint64_t>;
/// The inode of a socket or pipe, as `/proc/PID/fd/*` shows it.
using Inode = Strong<struct InodeTag, std::uint64_t>;
/// When a process was started, in clock ticks (`sysconf(_SC_CLK_TCK)`) since boot: field 22 of
/// `/proc/PID/stat`. With the pid it tells one process from the next that gets the same number.
using StartTime = Strong<struct StartTimeTag, std::uint64_t>;

/// A process for good: its number and when it was started.
struct ProcessId {
  Pid pid;
  StartTime start;
  auto operator<=>(const ProcessId&) const = default;
};

/// A place in one of a World's lists. It is a number, not a pointer, so a copied World needs no
/// mending; a place is never given to another object, so it stays true for the World's life.
template <class Tag>
class Index {
public:
  constexpr Index() = default;  ///< no object
  constexpr explicit Index(std::size_t place) : place_(static_cast<std::uint32_t>(place)) {}

  [[nodiscard]] constexpr std::size_t place() const { return place_; }
  [[nodiscard]] constexpr bool valid() const { return place_ != kNone; }
  constexpr explicit operator bool() const { return valid(); }
  constexpr auto operator<=>(const Index&) const = default;

private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::uint32_t place_ = kNone;
};

}  // namespace knell

template <class Tag, class Rep>
struct std::hash<knell::Strong<Tag, Rep>> {
  std::size_t operator()(knell::Strong<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
template <>
struct std::hash<knell::ProcessId> {
  std::size_t operator()(const knell::ProcessId& id) const noexcept {
    return std::hash<std::uint64_t>{}(id.start.value() * 4194304U +
                                      static_cast<std::uint64_t>(id.pid.value()));
  }
};
