#include "knell/live/proc_fs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "knell/live/text.hpp"

namespace knell::live {

bool exhausted(int number) {
  return number == EMFILE || number == ENFILE || number == ENOMEM;
}

ProcPath::ProcPath(Pid pid, std::string_view name) {
  append(pid);
  append("/");
  append(name);
}

ProcPath::ProcPath(Pid pid, Pid thread, std::string_view name) {
  append(pid);
  append("/task/");
  append(thread);
  append("/");
  append(name);
}

void ProcPath::append(std::string_view text) {
  const std::size_t room = text_.size() - 1 - size_;  // the last byte stays 0
  size_ += text.copy(text_.data() + size_, room);
}

void ProcPath::append(Pid pid) {
  char* const at = text_.data() + size_;
  const auto [end, error] = std::to_chars(at, text_.data() + text_.size() - 1, pid.value());
  if (error == std::errc{}) size_ += static_cast<std::size_t>(end - at);
}

namespace {

/// Calls `use` with each name of a directory that is a number; 0 where there is nothing more, or
/// the errno.
template <class Use>
std::expected<std::size_t, int> next_numbers(int directory, std::span<char> buffer,
                                             const Use& use) {
  const ssize_t got = ::getdents64(directory, buffer.data(), buffer.size());
  if (got < 0) return std::unexpected(errno);
  for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
    dirent64 entry;  // copied: its alignment in the buffer is the kernel's affair
    std::memcpy(&entry, buffer.data() + at, offsetof(dirent64, d_name));
    const char* const name = buffer.data() + at + offsetof(dirent64, d_name);
    if (const auto number = live::number<std::int32_t>(name)) use(*number);
    at += entry.d_reclen;
  }
  return static_cast<std::size_t>(got);
}

}  // namespace

std::expected<ProcessList, int> ProcessList::open(const ProcFs& proc) {
  Fd directory(::openat(proc.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return std::unexpected(errno);
  return ProcessList(std::move(directory));
}

std::vector<Pid> ProcessList::next_of_some() {
  constexpr std::size_t kPiece = 128;
  const auto left = std::span(some_).subspan(given_);
  const auto few = left.first(std::min(kPiece, left.size()));
  given_ += few.size();
  return {few.begin(), few.end()};
}

std::expected<std::vector<Pid>, int> ProcessList::next() {
  if (!directory_.valid()) return next_of_some();
  constexpr std::size_t kPiece = 4096;  // some 150 names
  std::array<char, kPiece> buffer{};
  std::vector<Pid> pids;
  while (pids.empty()) {  // the first names of /proc are no numbers
    const auto got =
        next_numbers(directory_.get(), buffer, [&](auto number) { pids.emplace_back(number); });
    if (!got) return std::unexpected(got.error());
    if (*got == 0) break;
  }
  return pids;
}

std::expected<std::vector<Pid>, int> ProcessList::rest() {
  std::vector<Pid> all;
  for (;;) {
    const auto few = next();
    if (!few || few->empty()) return few ? all : few;
    all.insert(all.end(), few->begin(), few->end());
  }
}

Result<ProcFs> ProcFs::open(const std::string& root) {
  Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid())
    return failure(errno, "open", root,
                   exhausted(errno) ? "" : "mount it: mount -t proc proc /proc");
  struct statfs about{};
  if (::fstatfs(fd.get(), &about) != 0) return failure(errno, "look at", root);
  if (about.f_type != PROC_SUPER_MAGIC)
    return failure(0, "read processes from", root,
                   "it is no proc file system; mount one: mount -t proc proc /proc");

  ProcReader reader(fd.get());
  const auto self = reader.link("self");
  if (!self && exhausted(self.error())) return failure(self.error(), "read", root + "/self");
  if (!self || number<pid_t>(*self) != ::getpid())
    return failure(0, "read processes from", root,
                   "it shows another pid namespace; mount it anew: mount -t proc proc /proc");
  return ProcFs(std::move(fd));
}

ProcReader::Text ProcReader::read(const char* path, bool one_piece) {
  const Fd file(::openat(root_, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return std::unexpected(errno);
  std::size_t size = 0;
  for (;;) {
    if (size == buffer_.size()) buffer_.resize(buffer_.size() * 2);
    const std::size_t room = buffer_.size() - size;
    const ssize_t got = ::read(file.get(), buffer_.data() + size, room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(errno);
    size += static_cast<std::size_t>(got);
    if (got == 0 || (one_piece && static_cast<std::size_t>(got) < room)) break;
  }
  return std::string_view(buffer_.data(), size);
}

ProcReader::Text ProcReader::link_in(int directory, const char* name) {
  const ssize_t got = ::readlinkat(directory, name, buffer_.data(), buffer_.size());
  if (got < 0) return std::unexpected(errno);
  return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
}

std::expected<NumberedDirectory, int> ProcReader::directory(const char* path) {
  NumberedDirectory directory{
      .fd = Fd(::openat(root_, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)),
      .numbers = {}};
  if (!directory.fd.valid()) return std::unexpected(errno);
  for (;;) {
    const auto got = next_numbers(directory.fd.get(), buffer_,
                                  [&](auto number) { directory.numbers.push_back(number); });
    if (!got) return std::unexpected(got.error());
    if (*got == 0) break;
  }
  std::ranges::sort(directory.numbers);  // descriptors and threads come sorted, mostly
  return directory;
}

std::uint64_t inode_in_link(std::string_view link, std::string_view kind) {
  if (!link.starts_with(kind)) return 0;
  link.remove_prefix(kind.size());
  if (!link.starts_with(":[") || !link.ends_with(']')) return 0;
  return number_or_zero<std::uint64_t>(link.substr(2, link.size() - 3));
}

}  // namespace knell::live
