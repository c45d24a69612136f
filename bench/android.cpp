/// Android's process groups of 1 to 1,000 processes, ended by cgroup.kill and events and by forty
/// tries, in turn in one run.

#include <unistd.h>

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "herd.hpp"
#include "knell/android/groups.hpp"
#include "table.hpp"

namespace knell::bench {
namespace {

using android::ProcessGroups;
using android::Way;

constexpr Uid kNobody{4'000'000};

/// From the call until the group is gone.
double ending(const ProcessGroups& groups, std::size_t size) {
  Herd herd(size, "bench-herd");
  const Pid initial(herd.any());
  if (!groups.create(kNobody, initial)) return 0;
  for (const pid_t pid : herd.pids())
    static_cast<void>(groups.group(kNobody, initial).add(Pid(pid)));
  // Events of a group are told at most every 10 ms (cgroup_file_notify of kernel/cgroup/cgroup.c),
  // and that it was filled is one: an app has lived longer than that.
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const double time = milliseconds([&] {
    if (const Result<void> killed = groups.kill(kNobody, initial, signals::kKill); !killed)
      fmt::print(stderr, "bench: {}\n", killed.error().message());
  });
  herd.wait_for_all();
  return time;
}

void both_ways(const std::string& root) {
  const ProcessGroups events = ProcessGroups::open(root, {.way = Way::events}).value();
  const ProcessGroups tries = ProcessGroups::open(root, {.way = Way::tries}).value();
  for (const std::size_t size : {1U, 10U, 100U, 1000U}) {
    const int rounds = size == 1000 ? 15 : 51;
    const Pair ended =
        in_turn(rounds, [&] { return ending(events, size); }, [&] { return ending(tries, size); });
    row(fmt::format("end an Android group of {}, cgroup.kill and events", size),
        fmt::format("{:.2f} ms", ended.ours), fmt::format("40 tries: {:.2f} ms", ended.theirs),
        fmt::format("{:.2f} times as long", ended.ours / ended.theirs), "not slower",
        ended.ours <= ended.theirs);
  }
}

int main_of() {
  const Result<std::string> mount = ProcessGroups::find_root();
  if (!mount) return fmt::print(stderr, "bench: {}\n", mount.error().message()), 1;
  const live::Cgroup root(*mount + "/knell-bench-" + std::to_string(::getpid()));
  if (const Result<void> made = root.make(); !made)
    return fmt::print(stderr, "bench: {}\n", made.error().message()), 1;
  both_ways(root.path());
  const auto uids = root.children();
  for (const live::Cgroup& uid : uids.value_or(std::vector<live::Cgroup>{}))
    static_cast<void>(uid.remove());
  static_cast<void>(root.remove());
  return all_rows_held() ? 0 : 1;
}

}  // namespace
}  // namespace knell::bench

int main() {
  return knell::bench::main_of();
}
