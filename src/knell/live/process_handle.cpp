#include "knell/live/process_handle.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "knell/live/fd.hpp"
#include "knell/live/pidfs.hpp"
#include "knell/live/proc_stat.hpp"

namespace knell::live {
namespace {

// Newer than Debian 12's headers. struct pidfd_info in its first published size, which every
// kernel that has the call takes: include/uapi/linux/pidfd.h, PIDFD_INFO_SIZE_VER0.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroupid;
  std::array<std::uint32_t, 11> ids;  // pid, tgid, ppid and the eight uids and gids
  std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr unsigned long kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);
constexpr std::uint64_t kPidfdInfoExit = 1U << 3;

constexpr auto kWaitByPidfd = static_cast<idtype_t>(3);  // P_PIDFD, Linux 5.4

std::string object_name(ProcessId id) {
  return "process " + std::to_string(id.pid.value());
}

constexpr unsigned kSignalProcessGroup = 1U << 2;  // PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9

int send_through(int pidfd, int signal, unsigned whom = 0) {
  return static_cast<int>(syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, whom));
}

/// Until it is waited for, a process keeps its number, and signal 0 finds it (allowed or not).
bool keeps_its_number(int pidfd) {
  return send_through(pidfd, 0) == 0 || errno != ESRCH;
}

std::unexpected<Error> cannot_open(int number, ProcessId id) {
  // EINVAL, later ENOENT: the number is that of a thread by now (kernel/fork.c, pidfd_prepare).
  if (number == EINVAL || number == ENOENT) number = ESRCH;
  return failure(number, "open", object_name(id), number == ENOSYS ? "needs Linux 5.3" : "");
}

Result<StartTime> read_start(int proc, Pid pid) {
  const std::string path = std::to_string(pid.value()) + "/stat";
  const Fd file(openat(proc, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failure(errno, "open", "/proc/" + path);
  std::array<char, 2048> buffer{};
  const ssize_t length = read(file.get(), buffer.data(), buffer.size());
  if (length < 0) return failure(errno, "read", "/proc/" + path);
  const auto stat = parse_stat({buffer.data(), static_cast<std::size_t>(length)});
  if (!stat) return failure(EBADMSG, "understand", "/proc/" + path);
  return stat->start;
}

std::unexpected<Error> another(ProcessId id) {
  return failure(ESRCH, "open", object_name(id), "its number is another's by now");
}

Result<void> check_start(const Machine& machine, int pidfd, ProcessId id) {
  const Result<StartTime> start = read_start(machine.proc_fd(), id.pid);
  // Asked after the reading: then what was read is not of somebody who got the number since.
  if (!keeps_its_number(pidfd)) return failure(ESRCH, "open", object_name(id));
  if (!start) return std::unexpected(start.error());  // it is there, but hidden (hidepid)
  if (*start != id.start) return another(id);
  return {};
}

/// An inode of pidfs is one process for good, which makes the start time idle. Before Linux 6.9
/// all pidfds had the one inode of anon_inodefs, which says nothing.
Result<void> check_identity(const Machine& machine, int pidfd, ProcessId id, Inode inode) {
  const Inode found = inode == Inode{} ? Inode{} : pidfs_inode(pidfd);
  if (found == Inode{}) return check_start(machine, pidfd, id);
  if (found != inode) return another(id);
  return {};
}

std::optional<WaitStatus> wait_for_child(int pidfd) {
  siginfo_t info{};
  const int options = WEXITED | WNOHANG | __WALL;
  while (waitid(kWaitByPidfd, static_cast<id_t>(pidfd), &info, options) != 0)
    if (errno != EINTR) return {};  // ECHILD: somebody else's
  if (info.si_pid == 0) return {};
  if (info.si_code == CLD_EXITED) return WaitStatus::exited(info.si_status);
  return WaitStatus::killed(Signal(info.si_status), info.si_code == CLD_DUMPED);
}

std::optional<WaitStatus> told_by_pidfd(int pidfd) {
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  if (ioctl(pidfd, kPidfdGetInfo, &info) != 0 || (info.mask & kPidfdInfoExit) == 0) return {};
  return WaitStatus(info.exit_code);
}

}  // namespace

Result<ProcessHandle> ProcessHandle::open(const Machine& machine, ProcessId id, Inode pidfd) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, id.pid.value(), 0U));
  if (fd < 0) return cannot_open(errno, id);
  ProcessHandle handle(fd, id);
  KNELL_TRY(check_identity(machine, fd, id, pidfd));
  return handle;
}

ProcessHandle::ProcessHandle(ProcessHandle&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), id_(other.id_) {
}

ProcessHandle& ProcessHandle::operator=(ProcessHandle&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(id_, other.id_);
  return *this;
}

ProcessHandle::~ProcessHandle() {
  if (fd_ >= 0) close(fd_);
}

Result<void> ProcessHandle::send(Signal signal) const {
  if (send_through(fd_, signal.number()) == 0) return {};
  return failure(errno, "send", signal.name() + " to " + object_name(id_));
}

Result<void> ProcessHandle::send_to_group(Signal signal) const {
  if (send_through(fd_, signal.number(), kSignalProcessGroup) == 0) return {};
  return failure(errno, "send", signal.name() + " to the process group of " + object_name(id_));
}

Result<void> ProcessHandle::queue(Signal signal, int value) const {
  siginfo_t info{};
  info.si_signo = signal.number();
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_int = value;
  if (syscall(SYS_pidfd_send_signal, fd_, signal.number(), &info, 0) == 0) return {};
  return failure(errno, "send", signal.name() + " to " + object_name(id_));
}

bool ProcessHandle::keeps_its_number() const {
  return live::keeps_its_number(fd_);
}

/// Through the pidfd this is about the group that *this* process made, whoever may have its number.
bool ProcessHandle::its_group_lives() const {
  return send_through(fd_, 0, kSignalProcessGroup) == 0 || errno == EPERM;
}

bool ProcessHandle::ended() const {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  while (poll(&waiting, 1, 0) < 0)
    if (errno != EINTR) return false;
  return waiting.revents != 0;
}

std::optional<WaitStatus> ProcessHandle::exit_status(const Machine& machine) const {
  if (!ended()) return {};
  if (auto status = wait_for_child(fd_)) return status;
  if (auto status = told_by_pidfd(fd_)) return status;
  const Result<Machine::Condition> condition = machine.condition(id_);
  if (condition && condition->exit_code && keeps_its_number()) return condition->exit_code;
  return told_by_pidfd(fd_);  // it may have been waited for meanwhile
}

}  // namespace knell::live
