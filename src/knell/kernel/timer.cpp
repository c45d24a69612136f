/// kernel/time/itimer.c, kernel/time/hrtimer.c: a process's real-time timer, and sleeping for a
/// time, on the World's virtual clock.

#include <algorithm>
#include <cerrno>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr std::uint64_t kMilliseconds = 1000;

/// it_real_fn
void it_real_fn(Kernel& kernel, SignalStruct& group) {
  group.real_timer.expires = 0;  // an interval begins when the signal is taken
  const TaskIndex leader = group.leader;
  kernel.note({Event::Kind::timer, leader, {}, signals::kAlrm, 0});
  Source source = Source::kernel();
  group_send_sig_info(kernel, signals::kAlrm, source, leader, PidType::tgid);
}

/// Who is due next, timers of processes before sleepers; 0: nobody until `limit`.
std::uint64_t next_due(const World& world, std::uint64_t limit) {
  std::uint64_t next = 0;
  const auto consider = [&](std::uint64_t at) {
    if (at != 0 && at <= limit && (next == 0 || at < next)) next = at;
  };
  for (const SignalStruct& group : world.signals) consider(group.real_timer.expires);
  for (const TaskIndex sleeper : world.sleepers)
    if (sleeping_in(world, sleeper).nr == Sys::nanosleep)
      consider(world[world[sleeper].context].waits_until);
  return next;
}

void expire(Kernel& kernel, std::uint64_t now) {
  World& world = kernel.world;
  for (SignalStruct& group : world.signals)
    if (const std::uint64_t at = group.real_timer.expires; at != 0 && at <= now)
      it_real_fn(kernel, group);
  wake_up_all(kernel, [&](TaskIndex sleeper) {
    return sleeping_in(world, sleeper).nr == Sys::nanosleep &&
           world[world[sleeper].context].waits_until <= now;
  });
}

}  // namespace

std::int64_t sys_setitimer(Kernel& kernel, TaskIndex current, const Call& call) {
  if (call.arg[0] != 0) return -EINVAL;
  if (call.arg[1] < 0 || call.arg[2] < 0) return -EINVAL;
  RealTimer& timer = kernel.world.signal_of(current).real_timer;
  timer = {};
  if (call.arg[1] == 0) return 0;
  timer.expires = kernel.world.clock + static_cast<std::uint64_t>(call.arg[1]);
  timer.interval = static_cast<std::uint64_t>(call.arg[2]);
  return 0;
}

/// alarm_setitimer: what was left, rounded to seconds, but never to 0.
std::int64_t sys_alarm(Kernel& kernel, TaskIndex current, const Call& call) {
  RealTimer& timer = kernel.world.signal_of(current).real_timer;
  std::uint64_t left = 0;
  if (timer.expires > kernel.world.clock) {
    left = (timer.expires - kernel.world.clock + kMilliseconds / 2) / kMilliseconds;
    if (left == 0) left = 1;
  }
  timer = {};
  const auto seconds = static_cast<std::uint64_t>(call.arg[0]);
  if (seconds != 0) timer.expires = kernel.world.clock + seconds * kMilliseconds;
  return static_cast<std::int64_t>(left);
}

Outcome sys_nanosleep(Kernel& kernel, TaskIndex current, const Call& call) {
  UserContext& context = kernel.world[kernel.world[current].context];
  if (call.arg[0] < 0) return -EINVAL;
  if (context.waits_until == 0)
    context.waits_until = kernel.world.clock + static_cast<std::uint64_t>(call.arg[0]);
  if (context.waits_until > kernel.world.clock) return {};
  context.waits_until = 0;
  return 0;
}

/// Where the caller chooses who runs next, those whom the last timer woke are left to it, unless a
/// timer is to fire again.
void advance(Kernel& kernel, std::uint64_t milliseconds) {
  World& world = kernel.world;
  const bool leaves_the_last =
      kernel.preemptible() && std::ranges::none_of(world.signals, [](const SignalStruct& group) {
        return group.real_timer.interval != 0;
      });
  const std::uint64_t end = world.clock + milliseconds;
  while (const std::uint64_t due = next_due(world, end)) {
    world.clock = due;
    expire(kernel, due);
    if (leaves_the_last && next_due(world, end) == 0) break;
    run_to_rest(kernel);
  }
  world.clock = end;
}

}  // namespace knell::kernel
