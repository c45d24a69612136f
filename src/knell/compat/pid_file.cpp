#include "knell/compat/pid_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <string_view>

#include "knell/compat/locale.hpp"
#include "knell/live/fd.hpp"

namespace knell::compat {
namespace {

bool locked_by_flock(int file) {
  if (::flock(file, LOCK_SH | LOCK_NB) != 0) return errno == EWOULDBLOCK;
  ::flock(file, LOCK_UN);
  return false;
}

/// F_GETLK asks without taking the lock.
bool locked_by_fcntl(int file) {
  struct flock asked{};
  asked.l_type = F_RDLCK;
  asked.l_whence = SEEK_SET;
  return ::fcntl(file, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
}

std::expected<std::int64_t, std::string> pid_in(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::int64_t pid = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  const bool ends = stopped == text.data() + text.size() ||
                    std::isspace(static_cast<unsigned char>(*stopped)) != 0;
  if (error != std::errc{} || !ends || pid <= 0) return std::unexpected("pidfile not valid");
  return pid;
}

}  // namespace

std::expected<std::int64_t, std::string> pid_in_file(const std::string& path, bool locked) {
  const live::Fd opened(path == "-"
                            ? ::dup(STDIN_FILENO)
                            : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!opened.valid())
    return std::unexpected(std::string("pidfile cannot be opened: ") + reason_of(errno));
  if (locked && !locked_by_flock(opened.get()) && !locked_by_fcntl(opened.get()))
    return std::unexpected("pidfile is not locked");
  std::array<char, 256> buffer{};
  ssize_t got = 0;
  do got = ::read(opened.get(), buffer.data(), buffer.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) return std::unexpected(std::string("pidfile cannot be read: ") + reason_of(errno));
  return pid_in({buffer.data(), static_cast<std::size_t>(got)});
}

}  // namespace knell::compat
