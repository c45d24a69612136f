#pragma once

/// What the tests of `knell run` share.

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "knell.hpp"
#include "knell/live/fd.hpp"

namespace knell::test {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

/// "" where it cannot be read: whoever it tells of may be gone.
inline std::string whole(const fs::path& path) {
  const live::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char piece[4096];
  for (ssize_t got = 0; (got = ::read(file.get(), piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(got));
  return text;
}

/// Processes (no zombies) that have this among their arguments.
inline std::vector<pid_t> with_argument(const std::string& argument) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string line = '\0' + whole(entry.path() / "cmdline");
    if (line.find('\0' + argument + '\0') != std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

/// A time to sleep that no other process of this machine sleeps.
inline std::string own_sleep() {
  static int count = 0;
  return "9" + std::to_string(getpid()) + "." + std::to_string(++count);
}

inline Words run_words(const std::string& enclosure, const Words& more) {
  Words words{"run", "--enclosure", enclosure};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

inline Words shell(const std::string& script) {
  return {"--", "sh", "-c", script};
}

/// Can be stopped and interrupted at any time. A shell cannot: in `read` it waits on where a signal
/// comes just before the system call, and in vfork(2) it neither stops nor goes on once its child
/// is stopped.
inline constexpr const char* kUntilInterrupted = "echo ready; exec sleep 20";

inline bool have(const char* program) {
  return ::access(program, X_OK) == 0;
}

class Run : public testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    const Ran ran = in({"true"});
    if (ran.status == 125) GTEST_SKIP() << "skipped: not permitted here: " << ran.err;
  }
  [[nodiscard]] static Ran in(const Words& more, const Place& place = {}) {
    return knell(run_words(GetParam(), more), place);
  }
};

/// A shell at a terminal of its own: it makes its command the terminal's foreground job, and when
/// that has stopped it says so and may continue it.
[[noreturn]] inline void be_shell(const Words& words, bool continues) {
  ::signal(SIGTTOU, SIG_IGN);
  const pid_t job = ::fork();
  if (job == 0) {
    ::setpgid(0, 0);
    ::tcsetpgrp(STDIN_FILENO, ::getpid());
    ::signal(SIGTTOU, SIG_DFL);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(99);
  }
  int status = 0;
  while (::waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
    static_cast<void>(!::write(STDOUT_FILENO, "[stopped]", 9));
    if (continues) ::kill(-job, SIGCONT);
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

class AtATerminal {
public:
  explicit AtATerminal(const Words& words, bool continues = true) {
    shell_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (shell_ == 0) be_shell(words, continues);
  }
  AtATerminal(const AtATerminal&) = delete;
  AtATerminal& operator=(const AtATerminal&) = delete;
  ~AtATerminal() { ::close(terminal_); }

  void type(char key) const { EXPECT_EQ(::write(terminal_, &key, 1), 1); }
  /// Reads on until this has been shown.
  bool shows(const std::string& text) {
    char piece[256];
    while (seen_.find(text) == std::string::npos) {
      const ssize_t got = ::read(terminal_, piece, sizeof piece);
      if (got <= 0) return false;  // EIO: the last who had it open has ended
      seen_.append(piece, static_cast<std::size_t>(got));
    }
    return true;
  }
  int wait() {
    while (shows(std::string(1, '\0'))) continue;  // to the end
    int status = 0;
    ::waitpid(shell_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  [[nodiscard]] const std::string& seen() const { return seen_; }

private:
  int terminal_ = -1;
  pid_t shell_ = -1;
  std::string seen_;
};

}  // namespace knell::test
