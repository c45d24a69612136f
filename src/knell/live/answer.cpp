#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "knell/live/accounts.hpp"
#include "knell/live/machine.hpp"
#include "knell/live/proc_stat.hpp"
#include "knell/live/reading.hpp"
#include "knell/live/snapshot.hpp"
#include "knell/live/state.hpp"
#include "knell/live/text.hpp"
#include "knell/live/units.hpp"

namespace knell::live {
namespace {

/// A name first, a number second, as POSIX has it for such operands (chown, for one).
Result<Uid> find_user(const std::string& user) {
  Result<Uid> named = uid_of_user(user);
  if (named || named.error().number != 0) return named;
  if (const auto uid = number<std::uint32_t>(user)) return Uid(*uid);
  return named;
}

Result<FileId> find_file(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return failure(errno, "find", path);
  return FileId{.device = about.st_dev, .inode = about.st_ino};
}

/// When a file was written, on the clock that start times are told in. A tick later than it says:
/// files are stamped with the time of the last timer interrupt, so that a process which writes its
/// pid file at once would seem to have started after.
StartTime on_boot_clock(const timespec& written) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  const std::int64_t ticks_per_second = ::sysconf(_SC_CLK_TCK);
  timespec wall{}, boot{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  std::int64_t seconds = boot.tv_sec - (wall.tv_sec - written.tv_sec);
  std::int64_t nanoseconds = boot.tv_nsec - wall.tv_nsec + written.tv_nsec;
  seconds += nanoseconds / kNanoseconds;
  nanoseconds %= kNanoseconds;
  if (nanoseconds < 0) {
    nanoseconds += kNanoseconds;
    --seconds;
  }
  if (seconds < 0) return {};  // before this boot
  const std::int64_t ticks =
      seconds * ticks_per_second + nanoseconds / (kNanoseconds / ticks_per_second) + 1;
  return StartTime(static_cast<std::uint64_t>(ticks));
}

/// The first word of the file is the pid; some programs write more behind it (postgres, X).
Result<PidFile> read_pidfile(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) return failure(errno, "open", path);
  struct stat about{};
  if (::fstat(file.get(), &about) != 0) return failure(errno, "look at", path);
  if (!S_ISREG(about.st_mode)) return failure(0, "read", path, "it is no regular file");
  std::array<char, 64> buffer{};
  const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
  if (got < 0) return failure(errno, "read", path);

  std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  std::string_view line = take_line(text);
  const auto pid = number<std::int32_t>(take_word(line));
  if (!pid || *pid <= 0)
    return failure(0, "find a pid in", path, "it does not begin with a number");
  return PidFile{.pid = Pid(*pid), .written = on_boot_clock(about.st_mtim)};
}

Result<std::uint32_t> find_terminal(const std::string& name) {
  const std::string path = name.starts_with('/') ? name : "/dev/" + name;
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return failure(errno, "find terminal", path);
  if (!S_ISCHR(about.st_mode)) return failure(ENOTTY, "find terminal", path);
  return encode_device(major(about.st_rdev), minor(about.st_rdev));
}

}  // namespace

Answers Machine::answer(const Questions& questions) const {
  Answers answers;
  for (const std::string& user : questions.users) answers.users.emplace(user, find_user(user));
  for (const std::string& path : questions.files) answers.files.emplace(path, find_file(path));
  for (const std::string& path : questions.pidfiles)
    answers.pidfiles.emplace(path, read_pidfile(path));
  for (const std::string& name : questions.terminals)
    answers.terminals.emplace(name, find_terminal(name));
  if (questions.units.empty()) return answers;

  const Result<CgroupTree> cgroups = state_->cgroups();
  for (const std::string& unit : questions.units)
    answers.units.emplace(unit, cgroups ? unit_cgroup(cgroups->unit_root(), unit)
                                        : Result<std::string>(std::unexpected(cgroups.error())));
  return answers;
}

}  // namespace knell::live
