/// Signals sent: to threads, processes, groups, to all.

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Argument;
using script::Step;

/// Whom kill(2) can mean by a number; `somebody` is among them mostly.
Argument somebody_or_several(const Scene& scene, const Somebody& somebody) {
  const std::uint64_t kind = scene.random().below(100);
  if (kind < 60) return pid_of(somebody);
  if (kind < 72) return minus_group_of(somebody);
  if (kind < 82) return minus(somebody);
  if (kind < 90) return number(0);
  if (kind < 97) return number(-1);
  return number(scene.random().one_of<std::int64_t>({-9999, 9999, -2147483648, -2, 1}));
}

Step kill(const Scene& scene) {
  const Somebody& whom = scene.anybody();
  return scene.call(Sys::kill, {somebody_or_several(scene, whom), number(scene.signal_for(whom))});
}

Step tkill(const Scene& scene) {
  const Somebody& whom = scene.anybody();
  return scene.call(Sys::tkill, {pid_of(whom), number(scene.signal_for(whom))});
}

/// Mostly a thread of the process that is named, sometimes another's.
Step tgkill(const Scene& scene) {
  const Somebody& thread = scene.anybody();
  const TaskIndex leader = scene.world().leader(thread.task);
  Somebody process = scene.anybody();
  for (const Somebody& each : scene.present())
    if (each.task == leader && !scene.random().percent(10)) process = each;
  return scene.call(Sys::tgkill,
                    {pid_of(process), pid_of(thread), number(scene.signal_for(thread))});
}

/// SI_QUEUE; rarely codes that only oneself may claim.
Argument si_code(const Scene& scene) {
  return number(scene.random().percent(90) ? si::kQueue
                                           : scene.random().one_of({si::kUser, si::kTkill}));
}

Argument si_value(const Scene& scene) {
  return number(static_cast<std::int64_t>(scene.random().below(1000)));
}

Step sigqueue(const Scene& scene) {
  const Somebody& whom = scene.anybody();
  return scene.call(Sys::rt_sigqueueinfo, {pid_of(whom), number(scene.signal_for(whom)),
                                           si_code(scene), si_value(scene)});
}

Step tgsigqueue(const Scene& scene) {
  const Somebody& thread = scene.anybody();
  const TaskIndex leader = scene.world().leader(thread.task);
  Somebody process = thread;
  for (const Somebody& each : scene.present())
    if (each.task == leader) process = each;
  return scene.call(Sys::rt_tgsigqueueinfo,
                    {pid_of(process), pid_of(thread), number(scene.signal_for(thread)),
                     si_code(scene), si_value(scene)});
}

/// PIDFD_SIGNAL_THREAD 1, _THREAD_GROUP 2, _PROCESS_GROUP 4; PIDFD_THREAD is O_EXCL.
Step pidfd_send_signal(const Scene& scene) {
  Random& random = scene.random();
  const std::int64_t flags = random.one_of<std::int64_t>({0, 0, 1, 2, 4, 3, 8});
  const Somebody& whom = scene.anybody();
  const std::int64_t open = random.one_of<std::int64_t>({0, 0, 0x80});
  return scene.call(Sys::pidfd_send_signal,
                    {pid_of(whom), number(scene.signal_for(whom)), number(flags), number(open)});
}

/// What has nothing to do with whom this scenario likes: job control, which has rules of its own.
Step job_control(const Scene& scene) {
  const Signal signal = scene.random().one_of({signals::kStop, signals::kTstp, signals::kTtin,
                                               signals::kTtou, signals::kCont, signals::kCont});
  return scene.call(Sys::kill, {somebody_or_several(scene, scene.anybody()), number(signal)});
}

/// A script in which everybody is stopped says nothing more.
Step wake(const Scene& scene) {
  return scene.call(Sys::kill, {pid_of(scene.anybody()), number(signals::kCont)});
}

Step end(const Scene& scene) {
  return scene.call(Sys::kill, {pid_of(scene.anybody()), number(signals::kKill)});
}

constexpr std::array kWriters{
    Writer{60, nullptr, kill},        Writer{15, nullptr, tkill},
    Writer{15, nullptr, tgkill},      Writer{25, nullptr, sigqueue},
    Writer{10, nullptr, tgsigqueue},  Writer{10, nullptr, pidfd_send_signal},
    Writer{15, nullptr, job_control}, Writer{15, nullptr, wake},
    Writer{8, nullptr, end},
};

}  // namespace

std::span<const Writer> write_signals() {
  return kWriters;
}

}  // namespace knell::conform
