/// pidwait gets random command lines, that of procps 4.0.2 and ours in its style, and they do the
/// same: in a pid namespace, with processes that end as soon as they are waited for.

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "compat/own_namespace.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {
namespace {

using Lines = std::vector<std::string>;

constexpr int kCases = 120;

/// The same names with the same pids, each time.
class Herd {
public:
  Herd() {
    std::ofstream("/proc/sys/kernel/ns_last_pid") << 5000;
    for (const char* name : {"alpha", "alpha-two", "beta", "Beta", "alpha"}) {
      const pid_t child = ::fork();
      if (child == 0) be(name);
      char ready = 0;
      if (::read(ends_[0], &ready, 1) == 1) pids_.push_back(child);
    }
  }
  Herd(const Herd&) = delete;
  Herd& operator=(const Herd&) = delete;
  ~Herd() {
    end();
    for (const pid_t pid : pids_) ::waitpid(pid, nullptr, 0);
    for (const int end : ends_) ::close(end);
  }
  void end() const {
    for (const pid_t pid : pids_) ::kill(pid, SIGKILL);
  }

private:
  [[noreturn]] void be(const char* name) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, name);
    const bool told = ::write(ends_[1], "", 1) == 1;
    while (told) ::pause();
    ::_exit(1);
  }
  static std::array<int, 2> pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    return ends;
  }
  const std::array<int, 2> ends_ = pipe();
  std::vector<pid_t> pids_;
};

bool waits_for_others(pid_t pid) {
  constexpr std::array kWaits{SYS_poll, SYS_ppoll, SYS_epoll_wait, SYS_epoll_pwait};
  long call = -1;
  std::ifstream("/proc/" + std::to_string(pid) + "/syscall") >> call;
  return std::ranges::find(kWaits, call) != kWaits.end();
}

bool has_ended(pid_t pid) {
  const char state = state_letter(pid);
  return state == 'Z' || state == '-';
}

/// Ends the herd when it is waited for; and who then waits on, for somebody else.
void end_what_it_waits_for(pid_t pid, const Herd& herd) {
  static_cast<void>(eventually([&] { return waits_for_others(pid) || has_ended(pid); }));
  herd.end();
  if (!eventually([&] { return has_ended(pid); })) ::kill(pid, SIGKILL);
}

class Author {
public:
  explicit Author(std::uint32_t seed) : random_(seed) {}

  Lines line() {
    Lines words;
    for (unsigned left = below(3); left > 0; --left) switch (below(7)) {
        case 0:
          words.insert(words.end(), {"-P", any(std::to_array({"1", "99", "x"}))});
          break;
        case 1:
          words.insert(words.end(), {"-u", any(std::to_array({"root", "65534", "no-such-user"}))});
          break;
        case 2:
          words.insert(words.end(), {"-r", any(std::to_array({"S", "Z,T"}))});
          break;
        case 3:
          words.push_back(any(std::to_array({"-n", "-o"})));
          break;
        default:  // the original takes some of these no second time
          if (const std::string word = any(std::to_array({"-e", "-c", "-x", "-i"}));
              std::ranges::find(words, word) == words.end())
            words.push_back(word);
      }
    // Without a pattern many of these would mean the namespace's init, which waits for pidwait.
    if (!words.empty() || below(6) > 0)
      words.push_back(any(std::to_array({"alpha", "^alpha$", "bet", "b.ta", "BETA", "alpha|beta",
                                         "[ab]l", "nobody", "(", "alpha-t"})));
    if (below(30) == 0) words.insert(words.begin(), "--no-such-option");
    return words;
  }

private:
  unsigned below(unsigned count) {
    return std::uniform_int_distribution<unsigned>(0, count - 1)(random_);
  }
  template <class Words>
  std::string any(const Words& words) {
    return words[below(static_cast<unsigned>(words.size()))];
  }
  std::mt19937 random_;
};

/// Without the path by which it was called, and the usage, which is each one's.
std::string plain(std::string text, const std::string& program) {
  for (std::size_t at = 0; (at = text.find(program, at)) != std::string::npos;)
    text.replace(at, program.size(), "pidwait");
  text.resize(std::min(text.find("Usage:"), text.size()));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string run(const std::string& program, const Lines& words) {
  const Herd herd;
  Place place;
  place.before = [] { ::setenv("KNELL_STYLE", "procps", 1); };
  place.meanwhile = [&](pid_t pid) { end_what_it_waits_for(pid, herd); };
  const Ran ran = run_program(program, words, place);
  return "status " + std::to_string(ran.status) + "\nout: " + ran.out +
         "\nerr: " + plain(ran.err, program) + "\n";
}

std::string first_difference(std::uint32_t seed) {
  const TemporaryDirectory links;
  const std::string ours = links.path() / "pidwait";
  std::filesystem::create_symlink(KNELL_BINARY, ours);
  Author author(seed);
  for (int done = 0; done < kCases; ++done) {
    const Lines words = author.line();
    const std::string theirs = run("/usr/bin/pidwait", words);
    const std::string own = run(ours, words);
    if (theirs == own) continue;
    std::string line = "pidwait";
    for (const std::string& word : words) line += " '" + word + "'";
    return line + "\nTHEIRS " + theirs + "OURS   " + own;
  }
  return {};
}

TEST(PidwaitDifferential, DoesAsTheOriginalDoes) {
  if (!run_program("/usr/bin/pidwait", {"-V"}).out.contains("procps-ng 4.0.2"))
    GTEST_SKIP() << "the original is not installed";
  const char* const seed = std::getenv("KNELL_SEED");
  const auto told = in_own_namespace([&] {
    return first_difference(seed == nullptr ? 20240608
                                            : static_cast<std::uint32_t>(std::atoi(seed)));
  });
  if (!told) GTEST_SKIP() << "needs a pid namespace";
  EXPECT_EQ(*told, "");
}

}  // namespace
}  // namespace knell::test
