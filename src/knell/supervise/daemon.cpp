#include "knell/supervise/daemon.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace knell::supervise {
namespace {

using live::Fd;

constexpr mode_t kLogMode = 0640;
constexpr mode_t kPidFileMode = 0644;

bool same_file(int fd, const std::string& path) {
  struct stat open{};
  struct stat there{};
  return ::fstat(fd, &open) == 0 && ::stat(path.c_str(), &there) == 0 &&
         open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

Result<Fd> open_file(const std::string& path, int flags, mode_t mode) {
  Fd file(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode));
  if (!file.valid()) return failure(errno, "open", path);
  return file;
}

Report read_report(const Fd& from) {
  std::string bytes;
  std::array<char, 512> piece{};
  while (true) {
    const ssize_t got = ::read(from.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
  Report report{.status = 125, .text = "the daemon ended before it had begun"};
  if (bytes.size() < sizeof report.status) return report;
  std::memcpy(&report.status, bytes.data(), sizeof report.status);
  report.text = bytes.substr(sizeof report.status);
  return report;
}

Result<void> settle(const Fd& null, const Fd& log) {
  if (::setsid() < 0) return failure(errno, "make", "a session");
  if (::chdir("/") != 0) return failure(errno, "go to", "/");
  const int out = log.valid() ? log.get() : null.get();
  if (::dup2(null.get(), STDIN_FILENO) < 0 || ::dup2(out, STDOUT_FILENO) < 0 ||
      ::dup2(out, STDERR_FILENO) < 0)
    return failure(errno, "redirect", "standard input and output");
  return {};
}

}  // namespace

Result<PidFile> PidFile::claim(const std::string& path) {
  PidFile claimed;
  claimed.path_ = std::filesystem::absolute(path).string();
  do {  // again where its owner removed it in between
    claimed.old_ = KNELL_TRY(open_file(claimed.path_, O_RDWR | O_CREAT, kPidFileMode));
    if (::flock(claimed.old_.get(), LOCK_EX | LOCK_NB) != 0)
      return failure(errno, "lock", path, "a daemon that runs has it");
  } while (!same_file(claimed.old_.get(), claimed.path_));
  return claimed;
}

Result<void> PidFile::write(Pid pid) {
  if (path_.empty()) return {};
  const std::string beside = path_ + ".new";
  file_ = KNELL_TRY(open_file(beside, O_WRONLY | O_CREAT | O_TRUNC, kPidFileMode));
  const std::string line = std::to_string(pid.value()) + '\n';
  const bool written = ::write(file_.get(), line.data(), line.size()) == std::ssize(line) &&
                       ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0 &&
                       ::rename(beside.c_str(), path_.c_str()) == 0;
  if (written) return {};
  const int number = errno;
  ::unlink(beside.c_str());
  return failure(number, "write", path_);
}

void PidFile::remove() const {
  const int held = file_.valid() ? file_.get() : old_.get();
  if (!path_.empty() && same_file(held, path_)) ::unlink(path_.c_str());
}

Result<Daemon::Parted> Daemon::part(const DaemonSettings& settings) {
  ::closefrom(STDERR_FILENO + 1);
  Fd null = KNELL_TRY(open_file("/dev/null", O_RDWR, 0));
  Fd log;
  if (!settings.log.empty())
    log = KNELL_TRY(open_file(settings.log, O_WRONLY | O_CREAT | O_APPEND, kLogMode));
  Parted parted;
  if (!settings.pid_file.empty())
    parted.daemon.pid_file_ = KNELL_TRY(PidFile::claim(settings.pid_file));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure(errno, "make", "a pipe");
  const Fd from(ends[0]);
  parted.daemon.report_ = Fd(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return failure(errno, "start", "a daemon");
  if (child > 0) {
    parted.daemon.report_ = Fd();
    parted.report = read_report(from);
    return parted;
  }
  if (const Result<void> settled = settle(null, log); !settled) {
    parted.daemon.report({.status = 125, .text = settled.error().message()});
    ::_exit(125);
  }
  return parted;
}

void Daemon::report(const Report& report) {
  if (!report_.valid()) return;
  std::string bytes(sizeof report.status, '\0');
  std::memcpy(bytes.data(), &report.status, sizeof report.status);
  bytes += report.text;
  static_cast<void>(::write(report_.get(), bytes.data(), bytes.size()));
  report_ = Fd();
}

}  // namespace knell::supervise
