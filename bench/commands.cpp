/// Whole commands, started cold, against what people use today, in one run: A B A B …
///
/// It ends processes by name, so it insists on a pid namespace of its own: see bench/run.

#include <unistd.h>

#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "herd.hpp"
#include "table.hpp"

namespace knell::bench {
namespace {

constexpr std::size_t kMany = 10'000;
constexpr const char* kHerdName = "bench-herd";

double timed(const Words& words) {
  return milliseconds([&] { run(words); });
}

void finding_and_planning(const std::string& knell) {
  const Herd herd(kMany, kHerdName);
  const Pair find = in_turn(
      15, [&] { return timed({knell, "find", "no-such-name"}); },
      [] { return timed({"pgrep", "-x", "no-such-name"}); });
  row("find a name among 10,000 processes", ms(find.ours), "pgrep -x: " + ms(find.theirs),
      fmt::format("{:.1f} times as fast", find.theirs / find.ours), "at least 5 times",
      find.theirs / find.ours >= 5);

  const Words plan{knell, "plan", std::to_string(herd.any())};
  const Pair planned = in_turn(
      15, [&] { return timed(plan); }, [&] { return timed({knell, "find", "no-such-name"}); });
  row("plan of one process, 10,000 others present", ms(planned.ours),
      "knell find: " + ms(planned.theirs),
      fmt::format("{:.2f} times as long", planned.ours / planned.theirs), "under twice",
      planned.ours / planned.theirs < 2);
}

/// From the command's start until the last of the herd has ended and was waited for.
double ending(const Words& words) {
  Herd herd(kMany, kHerdName);
  return milliseconds([&] {
    run(words);
    herd.wait_for_all();
  });
}

void ending_a_herd(const std::string& knell) {
  const Pair ended = in_turn(
      9, [&] { return ending({knell, "kill", "--now", "-y", kHerdName}); },
      [] { return ending({"pkill", "-9", "-x", kHerdName}); });
  row("end a flat herd of 10,000", ms(ended.ours), "pkill -9, then wait: " + ms(ended.theirs),
      fmt::format("{:.2f} times as long", ended.ours / ended.theirs), "not slower",
      ended.ours <= ended.theirs);
}

double ending_one(const Words& command) {
  Herd one(1, kHerdName);
  Words words = command;
  words.push_back(std::to_string(one.any()));
  const double time = timed(words);
  one.wait_for_all();
  return time;
}

void ending_one_cold(const std::string& knell, const std::string& kill) {
  const Pair ended = in_turn(
      201, [&] { return ending_one({knell, "kill", "--only", "--now", "--no-wait"}); },
      [&] { return ending_one({kill, "-9"}); });
  row("`knell kill --only --now --no-wait PID`, cold", fmt::format("{:.2f} ms", ended.ours),
      fmt::format("procps kill -9: {:.2f} ms", ended.theirs),
      fmt::format("{:+.2f} ms", ended.ours - ended.theirs), "at most +1 ms",
      ended.ours - ended.theirs <= 1);
}

/// What it costs to have a command supervised: one that does nothing, against others' ways to.
void running_nothing(const std::string& knell) {
  for (const char* enclosure : {"cgroup", "namespace", "subreaper"})
    for (const Words& others : {Words{"timeout", "10", "true"}, Words{"setsid", "-w", "true"}}) {
      const Pair ran = in_turn(
          101, [&] { return timed({knell, "run", "--enclosure", enclosure, "true"}); },
          [&] { return timed(others); });
      row(fmt::format("`knell run true`, {}", enclosure), fmt::format("{:.2f} ms", ran.ours),
          fmt::format("{}: {:.2f} ms", fmt::join(others, " "), ran.theirs),
          fmt::format("{:.2f} times as long", ran.ours / ran.theirs), "under twice",
          ran.ours / ran.theirs < 2);
    }
}

int main_of(int argc, char** argv) {
  if (::getpid() != 1) {
    fmt::print(stderr, "bench: this ends processes by name; start it with bench/run\n");
    return 2;
  }
  const std::string knell = argc > 1 ? argv[1] : KNELL_BINARY;
  fmt::print("| what | knell | what people use | compared | wanted | held |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- |\n");
  ending_one_cold(knell, "/bin/kill");
  running_nothing(knell);
  finding_and_planning(knell);
  ending_a_herd(knell);
  return all_rows_held() ? 0 : 1;
}

}  // namespace
}  // namespace knell::bench

int main(int argc, char** argv) {
  return knell::bench::main_of(argc, argv);
}
