/// What an end gives back: robust locks, semaphores, shared memory.

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Argument;
using script::Step;

/// Two locks and two semaphores: few, so that they are fought for.
Argument which(const Scene& scene) {
  return number(static_cast<std::int64_t>(scene.random().below(2)));
}

Step lock(const Scene& scene) {
  const std::int64_t wait = scene.may_sleep() && scene.random().percent(60) ? 1 : 0;
  return scene.call(Sys::robust_lock, {which(scene), number(wait)});
}

/// Only who holds it may: what else happens is the program's affair, not the kernel's.
bool holds_a_lock(const Scene& scene) {
  return scene.context() != nullptr && !scene.context()->robust_list.empty();
}
Step unlock(const Scene& scene) {
  const std::vector<std::uint8_t>& held = scene.context()->robust_list;
  return scene.call(Sys::robust_unlock,
                    {number(scene.random().one_of(std::span<const std::uint8_t>(held)))});
}

Step semop(const Scene& scene) {
  constexpr std::int64_t kUndo = 0x1000, kNoWait = 0x800;
  Random& random = scene.random();
  std::int64_t flags = random.percent(60) ? kUndo : 0;
  if (!scene.may_sleep() || random.percent(40)) flags |= kNoWait;
  const std::int64_t delta = random.one_of<std::int64_t>({1, 1, 2, -1, -1, -2, 0});
  return scene.call(Sys::semop, {which(scene), number(delta), number(flags)});
}

Step shmat(const Scene& scene) {
  return scene.call(Sys::shmat, {});
}

Step shmdt(const Scene& scene) {
  return scene.call(Sys::shmdt, {});
}

constexpr std::array kWriters{
    Writer{12, nullptr, lock}, Writer{8, holds_a_lock, unlock}, Writer{12, nullptr, semop},
    Writer{3, nullptr, shmat}, Writer{3, nullptr, shmdt},
};

}  // namespace

std::span<const Writer> write_locks() {
  return kWriters;
}

}  // namespace knell::conform
