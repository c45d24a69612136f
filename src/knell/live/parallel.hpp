#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <thread>
#include <vector>

#include "knell/live/numbers_taken.hpp"
#include "knell/live/proc_fs.hpp"

namespace knell::live {

/// How many processes are worth a thread of their own. Measured: 60 to 150 µs to start and join
/// one, 27 µs to read a process shallowly, 600 µs deeply.
inline constexpr std::size_t kShallowGrain = 128;
inline constexpr std::size_t kDeepGrain = 8;

/// False where no thread is to be had (RLIMIT_NPROC, a pids cgroup): those there are do it all.
template <class Run>
bool start_one(std::vector<std::jthread>& threads, const Run& run) {
  try {
    threads.emplace_back(run);
    ++numbers_taken;
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

/// `run` here and in other threads: in `most` altogether, but not in more than there are processors
/// nor more than eight.
template <class Run>
void run_in_threads(std::size_t most, const Run& run) {
  constexpr std::size_t kMostThreads = 8;
  const auto processors = std::min<std::size_t>(std::thread::hardware_concurrency(), kMostThreads);
  if (most < 2 || processors < 2) return run();
  std::vector<std::jthread> others;
  while (others.size() + 1 < std::min(processors, most) && start_one(others, run)) {
  }
  run();
}

/// `work(reader, i)` for each i below `count`, shared out over the processors but not over more
/// than eight, each of them with at least `grain` to do. `work` must not touch what another i does.
template <class Work>
void parallel_for(const ProcFs& proc, std::size_t count, std::size_t grain, const Work& work) {
  // Processes are not equally quick, so they are dealt out a few at a time.
  const std::size_t batch = std::max<std::size_t>(grain / 8, 1);
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    ProcReader reader(proc);
    for (std::size_t first = next.fetch_add(batch); first < count; first = next.fetch_add(batch))
      for (std::size_t i = first; i < std::min(first + batch, count); ++i) work(reader, i);
  };
  run_in_threads(count / grain, run);
}

}  // namespace knell::live
