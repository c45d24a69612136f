#include "knell/live/proc_locks.hpp"

#include <sys/sysmacros.h>

#include <optional>

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

FileLock::Type type_of(std::string_view word) {
  if (word == "FLOCK") return FileLock::Type::flock;
  if (word == "POSIX") return FileLock::Type::posix;
  if (word == "OFDLCK") return FileLock::Type::ofd;
  if (word == "LEASE" || word == "DELEG") return FileLock::Type::lease;
  return FileLock::Type::other;
}

/// "fe:00:1234": major and minor in hexadecimal, the inode in decimal.
std::optional<FileId> parse_file(std::string_view text) {
  const auto major = number<unsigned>(take(text, ':'), 16);
  const auto minor = number<unsigned>(take(text, ':'), 16);
  const auto inode = number<std::uint64_t>(text);
  if (!major || !minor || !inode) return std::nullopt;
  return FileId{.device = makedev(*major, *minor), .inode = *inode};
}

/// "1: POSIX  ADVISORY  WRITE 3568 fe:00:2531452 0 EOF"
std::optional<FileLock> parse_lock(std::string_view line) {
  take_word(line);  // its number
  const std::string_view type = take_word(line);
  if (type == "->") return std::nullopt;
  take_word(line);  // advisory or mandatory
  const std::string_view mode = take_word(line);
  const auto holder = number<std::int32_t>(take_word(line));
  const auto file = parse_file(take_word(line));
  if (!holder || !file) return std::nullopt;
  return FileLock{.type = type_of(type),
                  .write = mode == "WRITE",
                  .holder = *holder > 0 ? Pid(*holder) : Pid{},
                  .file = *file};
}

}  // namespace

std::vector<FileLock> parse_locks(std::string_view text) {
  std::vector<FileLock> locks;
  while (!text.empty())
    if (const auto lock = parse_lock(take_line(text))) locks.push_back(*lock);
  return locks;
}

}  // namespace knell::live
