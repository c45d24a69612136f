/// fs/file.c, fs/signalfd.c: descriptors, and what is read and written through them.

#include <algorithm>
#include <cerrno>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr int kFirstFree = 3;  // 0, 1 and 2 are open
constexpr std::int64_t kFilesThere = 8;

/// filp_flush: a process's record locks on a file go with any of its descriptors for it.
void filp_flush(Kernel& kernel, FilesIndex owner, FileIndex index) {
  locks_remove_posix(kernel, owner, index);
}

/// signalfd_copyinfo: the members that siginfo_layout finds for the signal and its code. A
/// SIGCHLD's codes are another layout's in any other signal (SIL_FAULT, SIL_POLL), also if that is
/// the signal a child was to send at its end. Until 4.14 the kernel kept the layout with the code.
SigInfo copied_to_signalfd(SigInfo info, KernelVersion version) {
  constexpr int kLastPoll = 6;  // NSIGPOLL
  const bool of_a_child = info.signal == signals::kChld;
  const bool other = info.code > si::kUser && info.code <= kLastPoll && !of_a_child;
  if (other && version >= KernelVersion::v5_10) info = {.signal = info.signal, .code = info.code};
  return info;
}

/// signalfd_dequeue: one of the task's signals that the file is for, blocked or not.
Outcome signalfd_read(Kernel& kernel, TaskIndex current, FileIndex file) {
  const SigInfo info = dequeue_signal(kernel, current, ~kernel.world[file].sigmask);
  if (info.signal.number() == 0) return {};
  UserContext& context = kernel.world[kernel.world[current].context];
  context.regs.result.info = copied_to_signalfd(info, kernel.version);
  constexpr std::int64_t kSize = 128;  // sizeof(struct signalfd_siginfo)
  return kSize;
}

}  // namespace

FileIndex add_file(World& world, const File& file) {
  const FileIndex index(world.open_files.size());
  world.open_files.push_back(file);
  return index;
}

/// __fput: the last descriptor of an open file is gone.
void fput(Kernel& kernel, FileIndex index) {
  File& file = kernel.world[index];
  if (--file.refs > 0) return;
  const File closed = file;
  locks_remove_flock(kernel, index);
  kernel.world[index] = {};
  if (closed.pipe) pipe_release(kernel, closed);
  if (closed.tty) tty_release(kernel, closed.tty);
}

FileIndex file_of(const World& world, TaskIndex task, std::int64_t fd) {
  const ContextIndex context = world[task].context;
  if (context && world[context].in_call && world[context].file) return world[context].file;
  return lookup_fd(world, task, fd);
}

FileIndex lookup_fd(const World& world, TaskIndex task, std::int64_t fd) {
  if (!world[task].files) return {};
  for (const Descriptor& each : world[world[task].files].fds)
    if (each.fd == fd) return each.file;
  return {};
}

int fd_install(World& world, TaskIndex task, FileIndex file) {
  std::vector<Descriptor>& fds = world[world[task].files].fds;
  int fd = kFirstFree;
  auto place = fds.begin();
  for (; place != fds.end() && place->fd == fd; ++place) ++fd;
  fds.insert(place, {fd, file});
  ++world[file].refs;
  return fd;
}

std::int64_t sys_open(Kernel& kernel, TaskIndex current, const Call& call) {
  if (call.arg[0] < 0 || call.arg[0] >= kFilesThere) return -ENOENT;
  File file{.type = File::Type::regular};
  file.number = static_cast<std::uint8_t>(call.arg[0]);
  return fd_install(kernel.world, current, add_file(kernel.world, file));
}

std::int64_t sys_signalfd(Kernel& kernel, TaskIndex current, const Call& call) {
  File file{.type = File::Type::signalfd};
  file.sigmask = SigSet(static_cast<std::uint64_t>(call.arg[0]));
  file.sigmask.remove(signals::kKernelOnly);
  return fd_install(kernel.world, current, add_file(kernel.world, file));
}

std::int64_t sys_close(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const FileIndex file = file_of(world, current, call.arg[0]);
  if (!file) return -EBADF;
  const FilesIndex files = world[current].files;
  std::erase_if(world[files].fds, [&](const Descriptor& d) { return d.fd == call.arg[0]; });
  filp_flush(kernel, files, file);
  fput(kernel, file);
  return 0;
}

Outcome sys_read(Kernel& kernel, TaskIndex current, const Call& call) {
  const FileIndex file = file_of(kernel.world, current, call.arg[0]);
  if (!file) return -EBADF;
  switch (kernel.world[file].type) {
    case File::Type::pipe_read:
      return pipe_read(kernel, current, file);
    case File::Type::signalfd:
      return signalfd_read(kernel, current, file);
    case File::Type::tty:
      return tty_read(kernel, current, file);
    case File::Type::regular:
      return 0;  // empty
    case File::Type::pipe_write:
    case File::Type::none:
      break;
  }
  return -EBADF;
}

Outcome sys_write(Kernel& kernel, TaskIndex current, const Call& call) {
  const FileIndex file = file_of(kernel.world, current, call.arg[0]);
  if (!file) return -EBADF;
  switch (kernel.world[file].type) {
    case File::Type::pipe_write:
      return pipe_write(kernel, current, file);
    case File::Type::tty:
      return tty_write(kernel, current, file);
    case File::Type::regular:
      return 1;
    case File::Type::signalfd:
      return -EINVAL;
    case File::Type::pipe_read:
    case File::Type::none:
      break;
  }
  return -EBADF;
}

bool reads_signalfd(const World& world, TaskIndex sleeper) {
  const Call& call = sleeping_in(world, sleeper);
  if (call.nr != Sys::read) return false;
  const FileIndex file = file_of(world, sleeper, call.arg[0]);
  return file && world[file].type == File::Type::signalfd;
}

FilesIndex dup_fd(World& world, FilesIndex files) {
  FilesStruct copy;
  copy.fds = world[files].fds;
  copy.open = world[files].open;
  for (const Descriptor& each : copy.fds) ++world[each.file].refs;
  const FilesIndex made(world.files.size());
  world.files.push_back(std::move(copy));
  return made;
}

/// exit_files. What is closed here is let go of later, by exit_task_work (____fput).
std::vector<FileIndex> put_files_struct(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const FilesIndex files = world[task].files;
  if (!files) return {};
  world[task].files = {};
  if (--world[files].users > 0) return {};
  const std::size_t count = world[files].open.size() + world[files].fds.size();
  kernel.note({Event::Kind::exit_files, task, {}, {}, static_cast<std::int64_t>(count)});
  const std::vector<Descriptor> fds = std::move(world[files].fds);
  world[files] = FilesStruct{.users = 0};
  std::vector<FileIndex> closed;
  for (const Descriptor& each : fds) {
    filp_flush(kernel, files, each.file);
    closed.push_back(each.file);
  }
  return closed;
}

}  // namespace knell::kernel
