/// fs/pipe.c: a pipe, and what becomes of who writes when nobody reads.

#include <cerrno>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr std::uint32_t kCapacity = 65536;  // 16 pages; a write of one byte fills a part of one

bool sleeps_at(const World& world, TaskIndex sleeper, Sys nr, PipeIndex pipe) {
  const Call& call = sleeping_in(world, sleeper);
  if (call.nr != nr) return false;
  const FileIndex file = file_of(world, sleeper, call.arg[0]);
  return file && world[file].pipe == pipe;
}

/// One reader at a time is woken since 5.5; all of them before.
void wake(Kernel& kernel, Sys nr, PipeIndex pipe) {
  const World& world = kernel.world;
  const auto at = [&](TaskIndex sleeper) { return sleeps_at(world, sleeper, nr, pipe); };
  if (kernel.version >= KernelVersion::v5_10)
    wake_up_one(kernel, at);
  else
    wake_up_all(kernel, at);
}

}  // namespace

std::int64_t sys_pipe(Kernel& kernel, TaskIndex current) {
  World& world = kernel.world;
  const PipeIndex pipe(world.pipes.size());
  world.pipes.push_back({.readers = 1, .writers = 1});
  const FileIndex read = add_file(world, {.type = File::Type::pipe_read, .pipe = pipe});
  const FileIndex write = add_file(world, {.type = File::Type::pipe_write, .pipe = pipe});
  const int reading = fd_install(world, current, read);
  const int writing = fd_install(world, current, write);
  return reading | writing << 16;
}

Outcome pipe_read(Kernel& kernel, TaskIndex current, FileIndex file) {
  const Function in(kernel, "pipe_read", current);
  Pipe& pipe = kernel.world[kernel.world[file].pipe];
  if (pipe.bytes > 0) {
    const bool was_full = pipe.bytes == kCapacity;
    --pipe.bytes;
    if (was_full) wake(kernel, Sys::write, kernel.world[file].pipe);
    if (pipe.bytes > 0) wake(kernel, Sys::read, kernel.world[file].pipe);
    return 1;
  }
  if (pipe.writers == 0) return 0;
  return {};
}

Outcome pipe_write(Kernel& kernel, TaskIndex current, FileIndex file) {
  const Function in(kernel, "pipe_write", current);
  World& world = kernel.world;
  const PipeIndex index = world[file].pipe;
  if (world[index].readers == 0) {  // send_sig(SIGPIPE, current, 0)
    Source source{Source::Kind::noinfo, current};
    send_signal_locked(kernel, signals::kPipe, source, current, PidType::pid);
    return -EPIPE;
  }
  if (world[index].bytes >= kCapacity) return {};
  if (++world[index].bytes == 1) wake(kernel, Sys::read, index);
  return 1;
}

/// pipe_release: with the last end of one side everybody at the other looks again.
void pipe_release(Kernel& kernel, const File& file) {
  World& world = kernel.world;
  const bool reader = file.type == File::Type::pipe_read;
  std::uint32_t& ends = reader ? world[file.pipe].readers : world[file.pipe].writers;
  if (--ends > 0) return;
  const Sys other = reader ? Sys::write : Sys::read;
  wake_up_all(kernel,
              [&](TaskIndex sleeper) { return sleeps_at(world, sleeper, other, file.pipe); });
}

}  // namespace knell::kernel
