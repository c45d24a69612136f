/// kill, killall, pgrep, pkill, pidwait and timeout of the room compat against their originals,
/// called by their names, in one run.
///
/// Originals are those of Debian; with KNELL_ORIGINALS=FOLDER also those in FOLDER/util-linux and
/// the like (docs/compat.md). Names are looked for that nobody has, and nobody is signalled.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "herd.hpp"
#include "table.hpp"

namespace knell::bench {
namespace {

constexpr std::size_t kMany = 10'000;

/// The program under the names of the originals.
class Links {
public:
  explicit Links(const std::string& knell) {
    std::string name = std::filesystem::temp_directory_path() / "knell-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      std::perror(name.c_str());
      std::exit(1);
    }
    folder_ = name;
    for (const char* command : {"kill", "killall", "pgrep", "pkill", "pidwait", "timeout"})
      std::filesystem::create_symlink(std::filesystem::absolute(knell), folder_ / command);
  }
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;
  ~Links() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string operator[](const std::string& command) const {
    return folder_ / command;
  }

private:
  std::filesystem::path folder_;
};

struct Original {
  std::string from;
  Words program;  ///< and the words before the command's own
};

/// Of one command, those that are installed or lie in KNELL_ORIGINALS.
std::vector<Original> originals_of(const std::string& command, const std::string& package) {
  std::vector<Original> all{{package, {"/usr/bin/" + command}}};
  for (const char* many : {"toybox", "busybox"})
    all.push_back({many, {std::string("/usr/bin/") + many, command}});
  if (const char* const folder = std::getenv("KNELL_ORIGINALS"))
    for (const char* from : {"util-linux", "coreutils"})
      all.push_back({from, {fmt::format("{}/{}/{}", folder, from, command)}});
  std::erase_if(all,
                [](const Original& each) { return ::access(each.program[0].c_str(), X_OK) != 0; });
  return all;
}

double timed(Words program, const Words& words) {
  program.insert(program.end(), words.begin(), words.end());
  return milliseconds([&] { run(program); });
}

/// From the start to the end of one that has next to nothing to do.
void starting(const Links& links, const std::string& command, const std::string& package,
              const Words& words) {
  const std::vector<Original> originals = originals_of(command, package);
  std::vector<std::function<double()>> ways{[&] { return timed({links[command]}, words); }};
  for (const Original& original : originals)
    ways.emplace_back([&] { return timed(original.program, words); });
  const std::vector<double> took = in_turn(301, ways);
  for (std::size_t place = 0; place < originals.size(); ++place)
    row(fmt::format("`{} {}`", command, fmt::join(words, " ")), fmt::format("{:.2f} ms", took[0]),
        fmt::format("{}: {:.2f} ms", originals[place].from, took[place + 1]),
        fmt::format("{:.2f} times as long", took[0] / took[place + 1]), "not longer",
        took[0] <= took[place + 1]);
}

/// As somebody who may not ask the kernel for its own list: /proc is all there is.
double timed_as_nobody(const std::string& program, const Words& words) {
  return timed({"/usr/bin/setpriv", "--reuid=65534", "--clear-groups", program}, words);
}

void looking_as_nobody(const std::string& ours, const std::string& theirs) {
  const Words words{"no-such-name"};
  const Pair took = in_turn(
      21, [&] { return timed_as_nobody(ours, words); },
      [&] { return timed_as_nobody(theirs, words); });
  row("the same, as a user who has only /proc", fmt::format("{:.2f} ms", took.ours),
      fmt::format("the original: {:.2f} ms", took.theirs),
      fmt::format("{:.2f} times as fast", took.theirs / took.ours), "-", true);
}

/// What is left is the start, and the reading of all the others.
void looking_for_a_name(const Links& links, std::size_t count, int rounds) {
  struct Looking {
    const char* command;
    Words words;
  };
  const std::vector<Looking> commands{{"pgrep", {"no-such-name"}},
                                      {"pkill", {"no-such-name"}},
                                      {"pidwait", {"no-such-name"}},
                                      {"killall", {"no-such-name"}}};
  const Herd herd(count, "bench-herd");
  const bool many = count == kMany;
  for (const auto& [command, words] : commands) {
    const Pair took = in_turn(
        rounds, [&] { return timed({links[command]}, words); },
        [&] { return timed({std::string("/usr/bin/") + command}, words); });
    const double times = took.theirs / took.ours;
    row(fmt::format("`{} {}`, {} processes", command, fmt::join(words, " "), count),
        fmt::format("{:.2f} ms", took.ours), fmt::format("the original: {:.2f} ms", took.theirs),
        fmt::format("{:.2f} times as fast", times), many ? "at least 5 times" : "not slower",
        times >= (many ? 5 : 1));
  }
  if (many) looking_as_nobody(links["killall"], "/usr/bin/killall");
}

int main_of(int argc, char** argv) {
  const Links links(argc > 1 ? argv[1] : KNELL_BINARY);
  starting(links, "kill", "procps", {"-0", std::to_string(::getpid())});
  starting(links, "kill", "procps", {"-l", "9"});
  starting(links, "timeout", "coreutils", {"10", "true"});
  looking_for_a_name(links, 10, 101);
  looking_for_a_name(links, kMany, 21);
  return all_rows_held() ? 0 : 1;
}

}  // namespace
}  // namespace knell::bench

int main(int argc, char** argv) {
  return knell::bench::main_of(argc, argv);
}
