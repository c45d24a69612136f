#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "knell/live/pidfs.hpp"
#include "knell/live/reading.hpp"

namespace knell::live {
namespace {

/// Whether the pidfd's process still has its number, as a zombie if no more. pidfd_poll() of
/// fs/pidfs.c: silent while any thread lives, POLLIN from then on, and since Linux 6.9 POLLHUP once
/// it was waited for. Before, only a look at whose the number is now tells these two apart.
bool holds_its_number(const Fd& pidfd, ProcReader& proc, ProcessId id) {
  pollfd asked{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  if (::poll(&asked, 1, 0) == 0) return true;
  if ((asked.revents & POLLHUP) != 0) return false;
  const auto text = proc.record(ProcPath(id.pid, "stat").c_str());
  const auto stat = text ? parse_stat(*text) : std::nullopt;
  return stat && stat->start == id.start && stat->state == TaskState::zombie;
}

}  // namespace

/// Why this cannot be another process. It held its number from before the pidfd was opened (when
/// the World was read) until stat showed the same start time, and numbers are not given twice at
/// once: so the pidfd is its. Start times count in ticks of 10 ms, and a number might come back
/// within one: but then the pidfd's process is gone, which is looked at last. That also makes
/// everything between, which was found by number, its own.
void read_pinned(ProcReader& proc, ProcessId id, const Wanted& wanted, Reading& reading) {
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, id.pid.value(), 0)));
  // Not known to the kernel, or forbidden by a container's seccomp filter: then without one.
  const bool unavailable = !pidfd.valid() && (errno == ENOSYS || errno == EPERM);
  if (!pidfd.valid() && !unavailable) {
    reading.error = exhausted(errno) ? errno : ESRCH;
    return;
  }
  read_process(proc, id.pid, wanted, reading);
  if (reading.error != 0) return;
  if (reading.stat.start != id.start || (pidfd.valid() && !holds_its_number(pidfd, proc, id))) {
    reading.error = ESRCH;
    return;
  }
  if (pidfd.valid()) reading.pidfd = pidfs_inode(pidfd.get());
}

}  // namespace knell::live
