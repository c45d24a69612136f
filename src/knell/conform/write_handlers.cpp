/// Signals caught, blocked, awaited; handlers entered and left.

#include <array>
#include <bit>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Argument;
using script::Step;

Argument handler(const Scene& scene) {
  const std::uint64_t kind = scene.random().below(100);
  const Handler handler = kind < 15   ? Handler::by_default
                          : kind < 30 ? Handler::ignore
                          : kind < 70 ? Handler::returns
                                      : Handler::holds;
  return number(static_cast<std::int64_t>(handler));
}

/// SA_*: RESTART, NODEFER, RESETHAND, ONSTACK, SIGINFO, and of SIGCHLD NOCLDSTOP, NOCLDWAIT.
Argument flags(const Scene& scene) {
  std::int64_t flags = 0;
  for (const std::int64_t each :
       {0x10000000LL, 0x40000000LL, 0x80000000LL, 0x08000000LL, 4LL, 1LL, 2LL})
    if (scene.random().percent(20)) flags |= each;
  return number(flags);
}

Argument mask(const Scene& scene) {
  return number(scene.random().percent(50) ? SigSet{} : scene.some_signals());
}

Step sigaction(const Scene& scene) {
  return scene.call(Sys::rt_sigaction,
                    {number(scene.signal()), handler(scene), flags(scene), mask(scene)});
}

/// Children inherit what is set early.
bool catches_little(const Scene& scene) {
  return std::popcount(scene.world()[scene.task().sighand].caught.bits()) < 2;
}

/// SIGCHLD ignored, or with SA_NOCLDWAIT: children go without being waited for.
Step sigaction_of_chld(const Scene& scene) {
  return scene.call(Sys::rt_sigaction,
                    {number(signals::kChld), handler(scene), flags(scene), mask(scene)});
}

Step sigprocmask(const Scene& scene) {
  const std::int64_t how = scene.random().one_of<std::int64_t>({0, 0, 1, 1, 2, 2, 3});
  return scene.call(Sys::rt_sigprocmask, {number(how), number(scene.some_signals())});
}

Step unblock_all(const Scene& scene) {
  return scene.call(Sys::rt_sigprocmask, {number(2), number(SigSet{})});
}

Step sigpending(const Scene& scene) {
  return scene.call(Sys::rt_sigpending, {});
}

Step sigaltstack(const Scene& scene) {
  const std::int64_t flags = scene.random().one_of<std::int64_t>({0, 0, 2, 1LL << 31});
  return scene.call(Sys::sigaltstack, {number(flags)});
}

Step look_for_signal(const Scene& scene) {
  return scene.call(Sys::rt_sigtimedwait, {number(scene.some_signals()), number(0)});
}

Step await_signal(const Scene& scene) {
  return scene.call(Sys::rt_sigtimedwait, {number(scene.some_signals()), number(-1)});
}

Step sigsuspend(const Scene& scene) {
  return scene.call(Sys::rt_sigsuspend, {number(scene.some_signals())});
}

Step pause(const Scene& scene) {
  return scene.call(Sys::pause, {});
}

bool in_a_handler(const Scene& scene) {
  return scene.context() != nullptr && !scene.context()->frames.empty();
}

Step sigreturn(const Scene& scene) {
  return scene.call(Sys::rt_sigreturn, {});
}

/// Its init would not survive a fault: force_sig takes its protection away.
bool may_fault(const Scene& scene) {
  return !scene.in_init();
}

Step fault(const Scene& scene) {
  const Signal signal = scene.random().one_of(
      {signals::kSegv, signals::kFpe, signals::kIll, signals::kBus, signals::kTrap});
  return scene.call(Sys::fault, {number(signal)});
}

bool may_sleep(const Scene& scene) {
  return scene.may_sleep();
}

constexpr std::array kWriters{
    Writer{50, nullptr, sigaction},        Writer{60, catches_little, sigaction},
    Writer{8, nullptr, sigaction_of_chld}, Writer{40, nullptr, sigprocmask},
    Writer{8, nullptr, unblock_all},       Writer{4, nullptr, sigpending},
    Writer{6, nullptr, sigaltstack},       Writer{8, nullptr, look_for_signal},
    Writer{8, may_sleep, await_signal},    Writer{10, may_sleep, sigsuspend},
    Writer{6, may_sleep, pause},           Writer{70, in_a_handler, sigreturn},
    Writer{6, may_fault, fault},
};

}  // namespace

std::span<const Writer> write_handlers() {
  return kWriters;
}

}  // namespace knell::conform
