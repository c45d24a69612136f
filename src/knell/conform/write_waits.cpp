/// Waiting for children, with every option.

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Argument;
using script::Step;

// Options of wait4(2) and waitid(2), include/uapi/linux/wait.h.
constexpr std::int64_t kNoHang = 1, kStopped = 2, kExited = 4, kContinued = 8, kNoWait = 0x1000000,
                       kNoThread = 0x20000000, kAll = 0x40000000, kClone = 0x80000000;

std::int64_t some_of(const Scene& scene, std::initializer_list<std::int64_t> options,
                     unsigned chance) {
  std::int64_t some = 0;
  for (const std::int64_t each : options)
    if (scene.random().percent(chance)) some |= each;
  return some;
}

/// WNOHANG where the caller must not fall asleep, and often enough where it may.
std::int64_t no_hang(const Scene& scene) {
  return !scene.may_sleep() || scene.random().percent(55) ? kNoHang : 0;
}

std::int64_t rare_options(const Scene& scene) {
  return some_of(scene, {kNoThread, kAll, kClone}, 8);
}

Argument whom(const Scene& scene) {
  const std::uint64_t kind = scene.random().below(100);
  if (kind < 45) return number(-1);
  if (kind < 55) return number(0);
  if (kind < 65) return minus_group_of(scene.anybody());
  if (kind < 90 && scene.has_child()) return pid_of(scene.child());
  return pid_of(scene.anybody());
}

Step wait4(const Scene& scene) {
  const std::int64_t options =
      some_of(scene, {kStopped, kContinued}, 40) | no_hang(scene) | rare_options(scene);
  return scene.call(Sys::wait4, {whom(scene), number(options)});
}

/// For what ended, whoever it is: so that zombies do not pile up.
Step reap(const Scene& scene) {
  return scene.call(Sys::wait4, {number(-1), number(kNoHang)});
}

Step waitid(const Scene& scene) {
  Random& random = scene.random();
  const std::int64_t options = some_of(scene, {kStopped, kExited, kContinued}, 60) |
                               some_of(scene, {kNoWait}, 30) | no_hang(scene) | rare_options(scene);
  const auto which = static_cast<std::int64_t>(random.below(4));  // P_ALL, P_PID, P_PGID, P_PIDFD
  const Somebody whom = scene.has_child() && random.percent(80) ? scene.child() : scene.anybody();
  const Argument id = which == 0   ? number(0)
                      : which == 2 ? (random.percent(30) ? number(0) : group_of(whom))
                                   : pid_of(whom);
  return scene.call(Sys::waitid, {number(which), id, number(options)});
}

bool has_child(const Scene& scene) {
  return scene.has_child();
}

constexpr std::array kWriters{
    Writer{30, has_child, wait4}, Writer{20, has_child, reap}, Writer{30, has_child, waitid},
    Writer{2, nullptr, wait4},    Writer{2, nullptr, waitid},
};

}  // namespace

std::span<const Writer> write_waits() {
  return kWriters;
}

}  // namespace knell::conform
