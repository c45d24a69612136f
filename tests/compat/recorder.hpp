#pragma once

/// A process that says which signals it got.
///
/// All are blocked in it: so a signal is pending as soon as the call that sent it returns, and what
/// it says later misses none. SIGKILL ends it, and is told by its end. (Not for SIGSTOP.)

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace knell::test {

struct Received {
  int signal = 0;
  int code = 0;   ///< si_code
  int value = 0;  ///< si_value, of SI_QUEUE
  bool operator==(const Received&) const = default;
};

class Recorder {
public:
  enum class Group { of_the_test, own };

  explicit Recorder(Group group = Group::of_the_test, const std::string& name = "recorder")
      : Recorder(group == Group::own ? 0 : ::getpgrp(), name) {}
  /// In that process group.
  explicit Recorder(pid_t group, const std::string& name = "recorder") {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) record(ends[1], group, name);
    ::close(ends[1]);
    socket_ = ends[0];
    char ready = 0;
    if (::read(socket_, &ready, 1) != 1) std::abort();
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder() {
    ::close(socket_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string number() const { return std::to_string(pid_); }

  /// What came since it was last asked, lowest number first.
  [[nodiscard]] std::vector<Received> take() const {
    const char ask = 0;
    std::vector<Received> all;
    if (::send(socket_, &ask, 1, MSG_NOSIGNAL) != 1) return {{SIGKILL, 0, 0}};
    for (Received one; ::recv(socket_, &one, sizeof one, MSG_WAITALL) == sizeof one;) {
      if (one.signal == 0) return all;
      all.push_back(one);
    }
    return {{SIGKILL, 0, 0}};
  }

  /// "USR1 TERM"-like: their numbers.
  [[nodiscard]] std::string signals() const {
    std::string text;
    for (const Received& one : take()) text += std::to_string(one.signal) + " ";
    return text;
  }

private:
  [[noreturn]] static void record(int socket, pid_t group, const std::string& name) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, name.c_str());
    ::setpgid(0, group);
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    char asked = 0;
    if (::write(socket, &asked, 1) != 1) ::_exit(1);
    while (::read(socket, &asked, 1) == 1) {
      siginfo_t info{};
      const timespec now{};
      while (::sigtimedwait(&all, &info, &now) > 0) {
        const int value = info.si_code == SI_QUEUE ? info.si_value.sival_int : 0;
        tell(socket, {info.si_signo, info.si_code, value});
      }
      tell(socket, {});
    }
    ::_exit(0);
  }

  static void tell(int socket, Received one) {
    if (::write(socket, &one, sizeof one) != sizeof one) ::_exit(1);
  }

  pid_t pid_ = -1;
  int socket_ = -1;
};

}  // namespace knell::test
