#pragma once

/// For signals to everybody: a pid namespace of the test's own, in which everybody is the test's.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace knell::test {

namespace own_namespace {

inline void write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written <= 0) ::_exit(1);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Numbers that are no signals' from here on.
inline bool count_from_a_thousand() {
  const int file = ::open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::write(file, "1000", 4) == 4;
  ::close(file);
  return done;
}

/// The init of the namespace, in a session of its own: kill(0) goes to the caller's group wherever
/// its members are.
[[noreturn]] inline void be_init(int out, const std::function<std::string()>& body) {
  ::setsid();
  const bool ready = ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                     ::mount("proc", "/proc", "proc", 0, nullptr) == 0 && count_from_a_thousand();
  try {
    write_whole(out, ready ? body() : "the namespace could not be furnished");
  } catch (const std::exception& error) {
    write_whole(out, error.what());
  }
  ::_exit(0);
}

}  // namespace own_namespace

/// What `body` returned there; none where such a namespace is not permitted. `body` is the init.
inline std::optional<std::string> in_own_namespace(const std::function<std::string()>& body) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  const pid_t outer = ::fork();
  if (outer == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) ::_exit(77);
    const pid_t init = ::fork();
    if (init == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      own_namespace::be_init(ends[1], body);
    }
    int status = 0;
    ::waitpid(init, &status, 0);
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(outer, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return std::nullopt;
  if (status != 0) text += "its init ended with wait status " + std::to_string(status);
  return text;
}

}  // namespace knell::test
