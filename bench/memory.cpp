/// How soon the memory of a process is back, by what people use today and by knell, in one run.
///
/// bench_memory [MEBIBYTES]: how much the process has; 4096 as a rule, and twice as much must be
/// available. It ends none but its own child, by its pid.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "command.hpp"
#include "hog.hpp"
#include "table.hpp"

namespace knell::bench {
namespace {

using std::chrono::seconds;

constexpr double kNever = std::numeric_limits<double>::infinity();

struct Scene {
  const char* what;
  Plight plight;
  int rounds;
  seconds patience;
};

/// How often knell took the memory itself, and of how many.
struct Races {
  int won = 0;
  int run = 0;
};

/// From the command's start until the memory is back.
double time_back(const Hog& hog, const Scene& scene, const Words& command, int output = -1) {
  pid_t started = 0;
  bool back = false;
  const double time = milliseconds([&] {
    started = start(command, output);
    back = hog.is_back(scene.patience);
  });
  ::waitpid(started, nullptr, 0);
  return back ? time : kNever;
}

class Contest {
public:
  Contest(const HogGroups& groups, std::uint64_t bytes, const Scene& scene)
      : groups_(groups), bytes_(bytes), scene_(scene) {}

  double knell(const std::string& binary, Races& races) const {
    const int output = ::memfd_create("bench", MFD_CLOEXEC);
    const Hog hog(groups_, bytes_, scene_.plight);
    const double time =
        time_back(hog, scene_, {binary, "kill", "--now", "-y", std::to_string(hog.pid())}, output);
    std::array<char, 16384> said{};
    const ssize_t size = ::pread(output, said.data(), said.size(), 0);
    ::close(output);
    const std::string text(said.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    ++races.run;
    if (text.find("process_mrelease") != std::string::npos) ++races.won;
    return time;
  }
  double command(const Words& words) const {
    const Hog hog(groups_, bytes_, scene_.plight);
    Words all = words;
    all.push_back(std::to_string(hog.pid()));
    return time_back(hog, scene_, all);
  }
  /// systemd itself runs already, so no command is started.
  double group_kill() const {
    const Hog hog(groups_, bytes_, scene_.plight);
    bool back = false;
    const double time = milliseconds([&] {
      if (!groups_.v2()->kill()) std::exit(1);
      back = hog.is_back(scene_.patience);
    });
    return back ? time : kNever;
  }

private:
  const HogGroups& groups_;
  std::uint64_t bytes_;
  Scene scene_;
};

std::string back_text(double time, const Scene& scene) {
  return std::isfinite(time) ? ms(time) : fmt::format("not within {} s", scene.patience.count());
}

double milliseconds_of(seconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

void compare(const std::string& what, const Scene& scene, double ours, const char* by,
             double theirs, double wanted) {
  const double at_least = std::isfinite(theirs) ? theirs : milliseconds_of(scene.patience);
  const std::string compared = fmt::format(
      "{}{:.1f} times as fast", std::isfinite(theirs) ? "" : "more than ", at_least / ours);
  row(what, back_text(ours, scene), fmt::format("{}: {}", by, back_text(theirs, scene)), compared,
      wanted > 1 ? fmt::format("at least {:.0f} times", wanted) : "not slower",
      std::isfinite(ours) && theirs / ours >= wanted);
}

void play(const HogGroups& groups, std::uint64_t bytes, const Scene& scene) {
  const Contest contest(groups, bytes, scene);
  Races races;
  std::vector<std::function<double()>> ways{
      [&] { return contest.knell(KNELL_BINARY, races); },
      [&] { return contest.command({"/bin/kill", "-9"}); },
      [&] { return contest.command({KILL_MRELEASE_BINARY}); }};
  if (groups.v2()) ways.emplace_back([&] { return contest.group_kill(); });
  const std::vector<double> times = in_turn(scene.rounds, ways);
  const std::string what = fmt::format("memory back, {:.3g} GiB, {}",
                                       static_cast<double>(bytes) / (1 << 30), scene.what);
  const double sooner = scene.plight == Plight::starved ? 10 : 1;
  compare(what, scene, times[0], "kill -9", times[1], sooner);
  compare(what, scene, times[0], "as pkill -9 -m", times[2], 1);
  if (groups.v2()) compare(what, scene, times[0], "as systemd, cgroup.kill", times[3], sooner);
  fmt::print(stderr, "{}: process_mrelease came in time {} of {} times\n", what, races.won,
             races.run);
}

int main_of(int argc, char** argv) {
  const std::uint64_t mebibytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 4096;
  const std::uint64_t bytes = mebibytes << 20;
  if (bytes == 0 || available_memory() < 2 * bytes) {
    fmt::print(stderr, "bench: twice {} MiB are not available; bench_memory MEBIBYTES takes less\n",
               mebibytes);
    return 2;
  }
  const HogGroups groups;
  play(groups, bytes, {"a processor free", Plight::none, 5, seconds(60)});
  play(groups, bytes, {"starved to 5 %", Plight::starved, 3, seconds(60)});
  if (groups.freezer()) play(groups, bytes, {"frozen (cgroup v1)", Plight::frozen, 3, seconds(10)});
  return all_rows_held() ? 0 : 1;
}

}  // namespace
}  // namespace knell::bench

int main(int argc, char** argv) {
  return knell::bench::main_of(argc, argv);
}
