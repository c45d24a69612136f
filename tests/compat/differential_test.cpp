/// The originals and ours get the same command lines, and do the same.
///
/// Random ones for kill, in a pid namespace where everybody is a recorder of signals. Of the
/// originals Debian has procps' kill and coreutils' timeout; KNELL_ORIGINALS names a folder with
/// others (coreutils/kill, util-linux/kill, toybox/kill). What docs/compat.md tells as different is
/// left out.

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "compat/commands.hpp"
#include "compat/own_namespace.hpp"
#include "compat/recorder.hpp"

namespace knell::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kCases = 1000;
constexpr std::chrono::seconds kLongest{8};

// What is compared.

/// Without the path by which the program was called, and without the usage, which is each one's
/// own.
std::string plain(std::string text, const std::string& program, const std::string& name) {
  for (std::size_t at = 0; (at = text.find(program, at)) != std::string::npos;)
    text.replace(at, program.size(), name);
  if (const std::size_t at = text.find("Usage:"); at != std::string::npos) {
    text.resize(at);
    while (text.ends_with('\n')) text.pop_back();
    if (!text.empty()) text += '\n';
  }
  return text;
}

std::string shown(const Ran& ran, const std::string& program, const std::string& name) {
  return "status " + std::to_string(ran.status) + "\nout: " + plain(ran.out, program, name) +
         "\nerr: " + plain(ran.err, program, name);
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += " '" + word + "'";
  return text;
}

// Random command lines of kill.

class Lines {
public:
  Lines(std::string style, Words processes, std::uint32_t seed)
      : style_(std::move(style)), processes_(std::move(processes)), random_(seed) {}

  Words next() {
    if (below(10) == 0) return list();
    Words words = signal();
    const bool queue = (style_ == "procps" || style_ == "util-linux") && below(8) == 0;
    if (queue) words.insert(words.end(), {"-q", std::to_string(below(1000))});
    if (style_ == "util-linux" && below(6) == 0) words.emplace_back("--verbose");
    if (style_ == "util-linux" && words.empty() && below(6) == 0) words.emplace_back("-p");
    // toybox takes a group behind "--" for a signal if there is none before.
    const bool groups = !queue && below(2) == 0 && (style_ != "toybox" || !words.empty());
    if (groups) words.emplace_back("--");
    for (std::uint32_t left = 1 + below(4); left > 0; --left)
      words.push_back(operand(groups, left == 1));
    return words;
  }

private:
  std::uint32_t below(std::uint32_t count) {
    return std::uniform_int_distribution<std::uint32_t>(0, count - 1)(random_);
  }
  template <std::size_t N>
  std::string any(const std::array<const char*, N>& words) {
    return words[below(N)];
  }

  std::string name(bool upper) {
    const std::string one = any(std::to_array({"HUP", "INT", "USR1", "USR2", "PIPE", "TERM", "CHLD",
                                               "CONT", "URG", "XCPU", "WINCH", "PWR", "RTMIN+3"}));
    switch (below(upper ? 2 : 3)) {
      case 0:
        return one;
      case 1:
        return "SIG" + one;
      default:
        return any(std::to_array({"hup", "sigusr1", "Term", "SigInt"}));
    }
  }

  Words signal() {
    const bool longs = style_ != "toybox";
    switch (below(longs ? 7 : 6)) {
      case 0:
        return {};
      case 1:
        return {"-" + name(true)};
      case 2:
        return {"-" + any(std::to_array({"1", "2", "10", "15", "0"}))};
      case 3:
        return {"-s", name(false)};
      case 4:
        return {"-s", any(std::to_array({"1", "2", "10", "12", "15", "0", "40"}))};
      case 5:
        return {any(std::to_array({"-s", "-"})) == "-s" ? "-FOO" : "-SIGFOO"};
      default:
        return {"--signal", name(false)};
    }
  }

  std::string operand(bool groups, bool last) {
    const std::string& one = processes_[below(static_cast<std::uint32_t>(processes_.size()))];
    switch (below(groups ? 8 : 5)) {
      case 0:
        return "999999";
      case 1:
        return style_ == "procps" && !last ? one : "abc";  // where procps stops
      case 5:
      case 6:
        return "-" + one;
      case 7:
        // procps takes the first word of all that could be one for a signal, behind "--", too.
        return style_ == "procps" ? "-999999" : any(std::to_array({"-1", "-999999"}));
      default:
        return one;
    }
  }

  Words list() {
    const bool lists_exit = style_ == "coreutils";  // only newer ones list EXIT
    if (below(8) == 0 && !lists_exit) return {"-l"};
    if (below(8) == 0 && !lists_exit && style_ != "toybox") return {"-L"};
    switch (below(3)) {
      case 0:
        return {"-l", std::to_string(1 + below(31))};
      case 1:
        return {"-l", any(std::to_array({"HUP", "SIGTERM", "usr1", "KILL"}))};
      default:
        return {"-l", std::to_string(129 + below(31))};
    }
  }

  std::string style_;
  Words processes_;
  std::mt19937 random_;
};

std::string first_difference(const std::string& style, const std::string& original) {
  const Recorder first(Recorder::Group::own);
  const Recorder second(first.pid());
  const Recorder third(Recorder::Group::own);
  const auto run = [&](const std::string& program, const Words& words) {
    Place place;
    place.before = [] { ::setpgid(0, 0); };
    const Ran ran = run_program(program, words, in_style(style, place));
    return shown(ran, program, "kill") + "got: " + first.signals() + "|" + second.signals() + "|" +
           third.signals();
  };
  Lines lines(style, {first.number(), second.number(), third.number()}, 20240607);
  const auto deadline = Clock::now() + kLongest;
  for (int i = 0; i < kCases && Clock::now() < deadline; ++i) {
    const Words words = lines.next();
    const std::string theirs = run(original, words);
    const std::string ours = run(links().path("kill"), words);
    if (theirs != ours)
      return "kill" + joined(words) + "\nTHEIRS " + theirs + "\nOURS   " + ours + "\n";
  }
  return {};
}

std::string original_of(const std::string& style) {
  if (style == "procps") {
    const Ran ran = run_program("/usr/bin/kill", {"--version"});
    return ran.out.find("procps") == std::string::npos ? "" : "/usr/bin/kill";
  }
  const char* const folder = std::getenv("KNELL_ORIGINALS");
  const std::string path = folder == nullptr ? "" : std::string(folder) + "/" + style + "/kill";
  return ::access(path.c_str(), X_OK) == 0 ? path : "";
}

class KillDifferential : public testing::TestWithParam<const char*> {};

TEST_P(KillDifferential, DoesAsTheOriginalDoes) {
  const std::string original = original_of(GetParam());
  if (original.empty()) GTEST_SKIP() << "the original is not installed";
  static_cast<void>(links());
  const auto told = in_own_namespace([&] { return first_difference(GetParam(), original); });
  if (!told) GTEST_SKIP() << "needs a pid namespace";
  EXPECT_EQ(*told, "");
}

INSTANTIATE_TEST_SUITE_P(Styles, KillDifferential,
                         testing::Values("procps", "coreutils", "util-linux", "toybox"));

TEST(TimeoutDifferential, DoesAsTheOriginalDoes) {
  const std::string original = "/usr/bin/timeout";
  const Ran version = run_program(original, {"--version"});
  if (version.out.find("coreutils") == std::string::npos) GTEST_SKIP() << "it is not coreutils'";
  const std::vector<Words> lines{
      {},
      {"5"},
      {"x", "true"},
      {"5y", "true"},
      {"5sm", "true"},
      {"-1", "true"},
      {"--", "-1", "true"},
      {"nan", "true"},
      {"", "true"},
      {"-k"},
      {"-k", "x", "5", "true"},
      {"-s", "FOO", "5", "true"},
      {"--foo", "5", "true"},
      {"60", "true"},
      {"1d", "false"},
      {"0", "sh", "-c", "exit 7"},
      {"inf", "sh", "-c", "exit 7"},
      {"1e99", "sh", "-c", "exit 7"},
      {"60", "sh", "-c", "kill -USR1 $$"},
      {"60", "sh", "-c", "kill -KILL $$"},
      {"60", "sh", "-c", "ulimit -c 0; kill -SEGV $$"},
      {"60", "echo", "-n", "--", "-s"},
      {".01", "sleep", "inf"},
      {"0.00001m", "sleep", "inf"},
      {"-v", ".01", "sleep", "inf"},
      {"-v", "-s", "usr1", ".01", "sleep", "inf"},
      {"-v", "-s", "137", ".01", "sleep", "inf"},
      {"-vs0", "-k.01", ".01", "sleep", "inf"},
      {"--foreground", "-vs0", "-k.01", ".01", "sleep", "inf"},
      {"--foreground", "-s", "KILL", ".01", "sleep", "inf"},
      {"-s", "KILL", ".01", "sleep", "inf"},
      {"--preserve-status", ".01", "sleep", "inf"},
      {"--preserve-status", "-sINT", ".01", "sleep", "inf"},
      {"--preserve-status", "--signal=KILL", ".01", "sleep", "inf"},
      {"60", "/no/such/command"},
      {"60", "/"},
      {"60", "sh", "-c", "kill -KILL $PPID; exit 3"},
  };
  for (const Words& words : lines) {
    const auto run = [&](const std::string& program) {
      return shown(run_program(program, words, in_style("")), program, "timeout");
    };
    EXPECT_EQ(run(links().path("timeout")), run(original)) << "timeout" << joined(words);
  }
}

}  // namespace
}  // namespace knell::test
