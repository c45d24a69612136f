/// Process groups, sessions, users, and what prctl(2) sets.

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Argument;
using script::Step;

Step lead_a_group(const Scene& scene) {
  return scene.call(Sys::setpgid, {number(0), number(0)});
}

Step setpgid(const Scene& scene) {
  Random& random = scene.random();
  const Argument whom = random.percent(30)  ? number(0)
                        : scene.has_child() ? pid_of(scene.child())
                                            : pid_of(scene.anybody());
  const Argument group = random.percent(30)   ? number(0)
                         : random.percent(50) ? group_of(scene.anybody())
                                              : pid_of(scene.anybody());
  return scene.call(Sys::setpgid, {whom, group});
}

Step setsid(const Scene& scene) {
  return scene.call(Sys::setsid, {});
}

constexpr std::int64_t kSetPdeathsig = 1, kSetChildSubreaper = 36;

Step subreaper(const Scene& scene) {
  const std::int64_t on = scene.random().percent(80) ? 1 : 0;
  return scene.call(Sys::prctl, {number(kSetChildSubreaper), number(on)});
}

Step pdeathsig(const Scene& scene) {
  return scene.call(Sys::prctl, {number(kSetPdeathsig), number(scene.signal())});
}

/// Signals that cannot be queued lose what came with them. Only a limit of 0: others count what the
/// user has pending anywhere on the machine.
Step sigpending_limit(const Scene& scene) {
  constexpr std::int64_t kSigpending = 11;
  return scene.call(Sys::prlimit,
                    {number(kSigpending), number(scene.random().percent(70) ? 0 : 10'000)});
}

constexpr std::array kWriters{
    Writer{15, nullptr, lead_a_group}, Writer{20, nullptr, setpgid},
    Writer{10, nullptr, setsid},       Writer{8, nullptr, subreaper},
    Writer{8, nullptr, pdeathsig},     Writer{2, nullptr, sigpending_limit},
};

Argument uid(const Scene& scene) {
  return number(scene.random().one_of<std::int64_t>({-1, -1, 0, 1000, 1001}));
}

/// Init stays root, or soon nobody would be.
bool may_change(const Scene& scene) {
  return !scene.in_init();
}

Step setresuid(const Scene& scene) {
  return scene.call(Sys::setresuid, {uid(scene), uid(scene), uid(scene)});
}

Step become(const Scene& scene) {
  const Argument user = number(scene.random().one_of<std::int64_t>({1000, 1001}));
  return scene.call(Sys::setresuid, {user, user, user});
}

constexpr std::array kUsers{
    Writer{10, may_change, setresuid},
    Writer{10, may_change, become},
};

}  // namespace

std::span<const Writer> write_identities() {
  return kWriters;
}

std::span<const Writer> write_users() {
  return kUsers;
}

}  // namespace knell::conform
