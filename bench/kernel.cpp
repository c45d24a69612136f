/// kernel/ against the kernel: one signal sent, delivered to a handler, and returned from; and a
/// World of 10,000 processes copied and compared.

#include "knell/kernel/kernel.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include <fmt/format.h>

#include "knell/world/diff.hpp"
#include "table.hpp"

namespace knell::bench {
namespace {

constexpr int kRounds = 200'000;
constexpr int kProcesses = 10'000;

volatile std::sig_atomic_t handled = 0;

void count(int) {
  handled = handled + 1;
}

/// Nanoseconds for a kill to oneself, the handler, and the return from it.
double real_round() {
  const pid_t self = ::getpid();
  const double time = milliseconds([&] {
    for (int i = 0; i < kRounds; ++i) ::syscall(SYS_kill, self, SIGUSR1);
  });
  return time * 1e6 / kRounds;
}

/// The same in a World.
double model_round(kernel::Kernel& kernel, TaskIndex init) {
  const Call kill{Sys::kill, {1, SIGUSR1}};
  UserContext& context = kernel.world.context_of(init);
  std::size_t ran = 0;
  const double time = milliseconds([&] {
    for (int i = 0; i < kRounds; ++i) {
      kernel::sys_enter(kernel, init, kill);
      kernel::run_to_rest(kernel);
      ran += context.ran.size();
      context.ran.clear();
    }
  });
  if (ran != kRounds) fmt::print(stderr, "bench: {} handlers ran, not {}\n", ran, kRounds);
  return time * 1e6 / kRounds;
}

void send_and_deliver() {
  struct sigaction action{};
  action.sa_handler = count;
  ::sigaction(SIGUSR1, &action, nullptr);
  World world = kernel::boot();
  const TaskIndex init(0);
  kernel::Kernel kernel(world);
  kernel.silent = true;  // nor does Linux tell of it
  kernel::sys_enter(kernel, init, {Sys::rt_sigaction, {SIGUSR1, 2, 0, 0}});
  const Pair rounds =
      in_turn(15, [&] { return model_round(kernel, init); }, [] { return real_round(); });
  row("a signal sent, handled and returned from", fmt::format("{:.0f} ns", rounds.ours),
      fmt::format("Linux: {:.0f} ns", rounds.theirs),
      fmt::format("{:.1f} times as fast", rounds.theirs / rounds.ours),
      "faster, and at most 200 ns", rounds.ours < rounds.theirs && rounds.ours <= 200);
}

/// 100 parents with 99 children each.
World many_processes() {
  World world = kernel::boot();
  kernel::Kernel kernel(world);
  kernel.silent = true;
  const TaskIndex init(0);
  for (int i = 0; world.tasks.size() < kProcesses; ++i) {
    const TaskIndex parent =
        i % 100 == 0 ? init : TaskIndex(world.tasks.size() - static_cast<std::size_t>(i % 100));
    kernel::sys_enter(kernel, parent, {Sys::clone, {0, SIGCHLD}});
    kernel::run_to_rest(kernel);
  }
  return world;
}

void copy_and_diff() {
  const World world = many_processes();
  World copy = world;
  const auto copied = [&] { return milliseconds([&] { copy = World(world); }); };
  const auto compared = [&] {
    return milliseconds([&] {
      if (!diff(world, copy).empty()) fmt::print(stderr, "bench: a copy differs\n");
    });
  };
  const Pair times = in_turn(25, copied, compared);
  row("copy a World of 10,000 processes", fmt::format("{:.2f} ms", times.ours), "-", "-",
      "under 2 ms", times.ours < 2);
  row("diff two Worlds of 10,000 processes", fmt::format("{:.2f} ms", times.theirs), "-", "-",
      "under 5 ms", times.theirs < 5);
}

}  // namespace
}  // namespace knell::bench

int main() {
  knell::bench::send_and_deliver();
  knell::bench::copy_and_diff();
  return knell::bench::all_rows_held() ? 0 : 1;
}
