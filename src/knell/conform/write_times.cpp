/// Timers. Between two steps of a scenario real time passes and virtual time does not, so a timer
/// is either so long that it never fires, or time is made to pass right behind it (see Author).

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Step;

constexpr std::int64_t kNever = 1'000'000;  // in seconds and in milliseconds alike
constexpr std::int64_t kSoon = 20;          // milliseconds

Step alarm(const Scene& scene) {
  return scene.call(Sys::alarm, {number(scene.random().percent(60) ? kNever : 0)});
}

Step setitimer(const Scene& scene) {
  const std::int64_t when = scene.random().percent(60) ? kSoon : 0;
  return scene.call(Sys::setitimer, {number(0), number(when), number(0)});
}

bool may_sleep(const Scene& scene) {
  return scene.may_sleep();
}

/// Interrupted, or to the end of the script.
Step sleep_for_ever(const Scene& scene) {
  return scene.call(Sys::nanosleep, {number(kNever)});
}

Step nap(const Scene& scene) {
  return scene.call(Sys::nanosleep, {number(kSoon)});
}

constexpr std::array kWriters{
    Writer{4, nullptr, alarm},
    Writer{1, nullptr, setitimer},
    Writer{8, may_sleep, sleep_for_ever},
    Writer{1, nullptr, nap},
};

}  // namespace

std::span<const Writer> write_times() {
  return kWriters;
}

}  // namespace knell::conform
