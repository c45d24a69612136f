/// Pipes, descriptors that read signals, locks on files.

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Step;
using Type = File::Type;

constexpr std::size_t kMostDescriptors = 12;

bool has_room(const Scene& scene) {
  return !scene.task().files || scene.world()[scene.task().files].fds.size() < kMostDescriptors;
}

Step pipe(const Scene& scene) {
  return scene.call(Sys::pipe, {});
}

/// Reading from an empty pipe sleeps until somebody writes, or nobody is left who could.
bool may_read_pipe(const Scene& scene) {
  return scene.may_sleep() && scene.has(Type::pipe_read);
}
Step read_pipe(const Scene& scene) {
  return scene.call(Sys::read, {number(scene.descriptor(Type::pipe_read))});
}

bool may_write_pipe(const Scene& scene) {
  return scene.has(Type::pipe_write);
}
/// Where nobody can read it: SIGPIPE.
Step write_pipe(const Scene& scene) {
  return scene.call(Sys::write, {number(scene.descriptor(Type::pipe_write))});
}

Step signalfd(const Scene& scene) {
  return scene.call(Sys::signalfd, {number(scene.some_signals())});
}

bool may_read_signalfd(const Scene& scene) {
  return scene.may_sleep() && scene.has(Type::signalfd);
}
Step read_signalfd(const Scene& scene) {
  return scene.call(Sys::read, {number(scene.descriptor(Type::signalfd))});
}

Step close(const Scene& scene) {
  return scene.call(Sys::close, {number(scene.any_descriptor())});
}

Step open(const Scene& scene) {
  return scene.call(Sys::open, {number(static_cast<std::int64_t>(scene.random().below(3)))});
}

bool has_file(const Scene& scene) {
  return scene.has(Type::regular);
}

/// LOCK_SH 1, LOCK_EX 2, LOCK_UN 8, with LOCK_NB 4 where it must not sleep.
Step flock(const Scene& scene) {
  std::int64_t operation = scene.random().one_of<std::int64_t>({1, 2, 2, 8});
  if (!scene.may_sleep() || scene.random().percent(40)) operation |= 4;
  return scene.call(Sys::flock, {number(scene.descriptor(Type::regular)), number(operation)});
}

/// F_RDLCK 0, F_WRLCK 1, F_UNLCK 2.
Step fcntl_setlk(const Scene& scene) {
  const std::int64_t type = scene.random().one_of<std::int64_t>({0, 1, 1, 2});
  const std::int64_t wait = scene.may_sleep() && scene.random().percent(60) ? 1 : 0;
  return scene.call(Sys::fcntl_setlk,
                    {number(scene.descriptor(Type::regular)), number(type), number(wait)});
}

constexpr std::array kWriters{
    Writer{10, has_room, pipe},
    Writer{14, may_read_pipe, read_pipe},
    Writer{14, may_write_pipe, write_pipe},
    Writer{6, has_room, signalfd},
    Writer{14, may_read_signalfd, read_signalfd},
    Writer{6, nullptr, close},
    Writer{8, has_room, open},
    Writer{14, has_file, flock},
    Writer{14, has_file, fcntl_setlk},
};

}  // namespace

std::span<const Writer> write_files() {
  return kWriters;
}

}  // namespace knell::conform
