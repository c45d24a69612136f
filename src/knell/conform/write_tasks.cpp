/// Tasks begun, run anew and ended.

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Argument;
using script::Step;

// CLONE_* of include/uapi/linux/sched.h.
constexpr std::int64_t kVm = 0x100, kFs = 0x200, kFiles = 0x400, kSighand = 0x800, kVfork = 0x4000,
                       kParent = 0x8000, kThread = 0x10000, kNewPid = 0x20000000;
constexpr std::int64_t kLikePthread = kVm | kFs | kFiles | kSighand | kThread;

Step clone(const Scene& scene, std::int64_t flags, Argument exit_signal) {
  Step step = scene.call(Sys::clone, {number(flags), std::move(exit_signal)});
  std::get<script::CallStep>(step.what).makes = scene.new_name();
  return step;
}

bool has_room(const Scene& scene) {
  return scene.has_room();
}

bool is_lonely(const Scene& scene) {
  return scene.is_lonely() && scene.has_room();
}

Step fork(const Scene& scene) {
  return clone(scene, 0, number(signals::kChld));
}

/// The caller sleeps until the child is done with its memory.
Step vfork(const Scene& scene) {
  return clone(scene, kVfork | kVm, number(signals::kChld));
}

Step thread(const Scene& scene) {
  return clone(scene, kLikePthread, number(0));
}

/// By which the parent is told. Not one that faults have: the siginfo would look like a fault's.
Argument exit_signal(const Scene& scene) {
  const Signal signal = scene.signal();
  return number(signals::kSynchronous.has(signal) ? signals::kChld : signal);
}

/// The child is the caller's sibling.
Step clone_parent(const Scene& scene) {
  return clone(scene, kParent, exit_signal(scene));
}

Step shared_handlers(const Scene& scene) {
  return clone(scene, kSighand | kVm, number(signals::kChld));
}

/// The parent is told by another signal than SIGCHLD, or by none.
Step odd_exit_signal(const Scene& scene) {
  return clone(scene, 0, scene.random().percent(30) ? number(0) : exit_signal(scene));
}

/// Only two levels below the first: more would show nothing new.
bool may_nest(const Scene& scene) {
  return scene.has_room() && scene.task().numbers.size() < 2;
}

Step new_pid_namespace(const Scene& scene) {
  return clone(scene, kNewPid, number(signals::kChld));
}

/// Any flags together; Linux refuses most of it.
Step odd_flags(const Scene& scene) {
  std::int64_t flags = 0;
  for (const std::int64_t each : {kVm, kFiles, kSighand, kThread, kParent, kNewPid})
    if (scene.random().percent(35)) flags |= each;
  return clone(scene, flags, number(signals::kChld));
}

Step execve(const Scene& scene) {
  return scene.call(Sys::execve, {});
}

bool may_end(const Scene& scene) {
  return !scene.in_init();
}

/// A thread of init's may end, its leader not: a leader that is a zombie could not wait.
bool may_exit(const Scene& scene) {
  return !scene.in_init() || scene.actor().task.place() != 0;
}

Argument code(const Scene& scene) {
  return number(scene.random().one_of<std::int64_t>({0, 1, 3, 255, 256}));
}

Step exit(const Scene& scene) {
  return scene.call(Sys::exit, {code(scene)});
}

Step exit_group(const Scene& scene) {
  return scene.call(Sys::exit_group, {code(scene)});
}

constexpr std::array kWriters{
    Writer{80, is_lonely, fork},          Writer{25, has_room, fork},
    Writer{6, has_room, vfork},           Writer{18, has_room, thread},
    Writer{6, has_room, clone_parent},    Writer{6, has_room, shared_handlers},
    Writer{5, has_room, odd_exit_signal}, Writer{5, may_nest, new_pid_namespace},
    Writer{2, may_nest, odd_flags},       Writer{3, nullptr, execve},
    Writer{10, may_exit, exit},           Writer{8, may_end, exit_group},
};

}  // namespace

std::span<const Writer> write_tasks() {
  return kWriters;
}

}  // namespace knell::conform
