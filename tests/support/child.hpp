#pragma once

/// Real processes for tests: started here, ready when the constructor returns, and gone with their
/// owner, whatever the test does.
///
///     Child child(behaviour::ignoring(SIGTERM));
///     kill(child.pid(), SIGTERM);
///     EXPECT_TRUE(child.lives());

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "knell/world/ids.hpp"
#include "knell/world/wait_status.hpp"

namespace knell::test {

/// How a child, or anybody it forked, speaks to the test.
class Handshake {
public:
  explicit Handshake(int fd) : fd_(fd) {}
  /// All that was said before this has happened.
  void ready() const { tell(0); }
  void tell(std::int64_t number) const;
  /// Tells who that process is, while it cannot be mistaken for another.
  void introduce(pid_t pid) const;

private:
  int fd_;
};

/// What a child does. It must say `ready()`, or tell something, once it is set up; when it returns,
/// the child exits with status 0.
using Behaviour = std::function<void(const Handshake&)>;

/// Kills its process through a pidfd when it goes out of scope, and waits for it if it is a child
/// by then. For those that a test did not start itself: children of children.
class Guard {
public:
  /// Guards nobody if the process is gone, though its number be another's by now.
  explicit Guard(ProcessId id);
  /// Only for a process that surely lives.
  explicit Guard(pid_t pid);
  Guard(Guard&& other) noexcept;
  Guard& operator=(Guard&&) = delete;
  ~Guard();

  [[nodiscard]] ProcessId id() const { return id_; }
  [[nodiscard]] pid_t pid() const { return id_.pid.value(); }
  /// Neither a zombie nor gone.
  [[nodiscard]] bool lives() const;
  /// Waits for its end and takes it off the kernel's hands, if it is a child of the caller's.
  std::optional<WaitStatus> wait();

private:
  ProcessId id_;
  int pidfd_ = -1;
};

class Child {
public:
  explicit Child(const Behaviour& behaviour);
  /// One with a number of the test's choosing: clone3(2) with set_tid. None where that is not
  /// permitted or the number is in use.
  [[nodiscard]] static std::optional<Child> with_pid(pid_t pid, const Behaviour& behaviour);

  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  [[nodiscard]] pid_t pid() const { return guard_.pid(); }
  [[nodiscard]] ProcessId id() const { return guard_.id(); }

  /// What was told first; 0 if it only said ready.
  [[nodiscard]] std::int64_t first() const { return first_.number; }
  [[nodiscard]] ProcessId first_process() const { return process(first_); }
  /// What was told next; waits for it. None if nobody is left to tell anything.
  [[nodiscard]] std::optional<std::int64_t> next() const;
  [[nodiscard]] std::optional<ProcessId> next_process() const;

  [[nodiscard]] bool lives() const { return guard_.lives(); }
  std::optional<WaitStatus> wait() { return guard_.wait(); }

private:
  struct Message {
    std::int64_t number = -1;
    StartTime start;
  };
  friend class Handshake;

  Child(pid_t pid, int read_end);
  [[nodiscard]] std::optional<Message> receive() const;
  [[nodiscard]] static ProcessId process(const Message& message);

  Guard guard_;
  int read_end_;
  Message first_;
};

/// So many processes that `parent` or its children introduced, the first included.
[[nodiscard]] std::vector<ProcessId> children_of(const Child& parent, std::size_t count);

/// While it lives, processes whose parent dies become children of the test program, so that it
/// can wait for them: prctl(2), PR_SET_CHILD_SUBREAPER.
class Subreaper {
public:
  Subreaper();
  Subreaper(const Subreaper&) = delete;
  Subreaper& operator=(const Subreaper&) = delete;
  ~Subreaper();
};

/// The identity of a living process or zombie, from /proc; its start time is 0 if it is gone.
[[nodiscard]] ProcessId identity(pid_t pid);
/// The state letter of /proc/PID/stat; '-' if it is gone.
[[nodiscard]] char state_letter(pid_t pid);

}  // namespace knell::test
