#pragma once

/// The street that an animal lives in: a process like a shell, whose child it is, and innocents
/// that are easily mistaken for it. All are the same user's.

#include <functional>
#include <string>
#include <vector>

#include "zoo/observer.hpp"

namespace knell::zoo {

class Neighbours {
public:
  struct Animal {
    uid_t user = 0;
    std::string comm;
    std::function<void()> enter;       ///< done before the program begins
    std::vector<std::string> program;  ///< that is the animal
  };

  /// Starts the shell, and of innocents: one of the shell's children and a daemon, which both have
  /// the animal's name, and one that is just in the same session.
  explicit Neighbours(const Animal& animal);

  /// Starts the animal: a child of the shell that leads a process group, as with job control.
  [[nodiscard]] pid_t start_animal() const { return ask_for(Order::animal); }
  /// Starts innocents of the animal's name that are younger than it: the shell's child, a daemon.
  void start_latecomers();
  /// Starts an innocent that is busy, on the CPU that share_one_cpu chooses.
  void start_busy_one() { start_innocent(Order::busy); }

  [[nodiscard]] const std::vector<Seen>& innocents() const { return innocents_; }
  /// How many of them were ended or stopped. Each is asked for a sign of life, which one that has
  /// a deadly signal waiting never gives.
  [[nodiscard]] int hit() const;

private:
  enum class Order : char { child, mate, daemon, busy, animal };
  [[nodiscard]] pid_t ask_for(Order order) const;
  void start_innocent(Order order);
  [[noreturn]] void be_shell(const Animal& animal) const;
  void obey(Order order, const Animal& animal) const;
  void introduce_oneself() const;
  [[nodiscard]] bool is_unhurt(const Seen& before) const;
  [[noreturn]] void be_innocent(const std::string& comm) const;
  [[noreturn]] void be_busy() const;

  int here_ = -1;   ///< orders go out, pids come back
  int shell_ = -1;  ///< the other end
  pid_t shell_pid_ = 0;
  std::vector<Seen> innocents_;
  /// In memory that all of them share: asked how often; by pid, what was answered last.
  struct Roll;
  Roll* roll_ = nullptr;
};

/// Becomes that unprivileged user, unless one is it already.
void become(uid_t user);
/// execvp(3), with the signals as a program expects them; if it fails, says so and exits.
[[noreturn]] void run(const std::vector<std::string>& command);

}  // namespace knell::zoo
