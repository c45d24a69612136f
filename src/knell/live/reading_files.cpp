#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "knell/live/proc_maps.hpp"
#include "knell/live/reading.hpp"
#include "knell/live/text.hpp"

namespace knell::live {
namespace {

/// A descriptor's name in its directory.
struct Name {
  std::array<char, 12> text{};
  explicit Name(std::int32_t number) {
    std::to_chars(text.data(), text.data() + text.size() - 1, number);
  }
  [[nodiscard]] const char* c_str() const { return text.data(); }
};

FileKind kind_of(unsigned mode) {
  if (S_ISREG(mode)) return FileKind::regular;
  if (S_ISDIR(mode)) return FileKind::directory;
  if (S_ISCHR(mode) || S_ISBLK(mode)) return FileKind::device;
  if (S_ISSOCK(mode)) return FileKind::socket;
  if (S_ISFIFO(mode)) return FileKind::pipe;
  return FileKind::other;
}

/// What the link alone says: sockets and unnamed pipes need no second look.
OpenFile described(int fd, std::string_view link) {
  OpenFile file{.fd = fd, .path = std::string(link)};
  if (const auto socket = inode_in_link(link, "socket")) {
    file.kind = FileKind::socket;
    file.id.inode = socket;
  } else if (const auto pipe = inode_in_link(link, "pipe")) {
    file.kind = FileKind::pipe;
    file.id.inode = pipe;
  }
  return file;
}

/// /proc/PID/maps shows the device of the file system (s_dev), stat(2) what the file system says.
/// They differ for btrfs, overlayfs and the like, whose devices all have major number 0.
void correct_device(ProcReader& proc, const Body& body, const MappedFile& mapped, OpenFile& file) {
  if (major(file.id.device) != 0) return;
  const std::string name = "map_files/" + std::string(mapped.range);
  if (const auto facts = look_at(proc.root(), body.path(name).c_str())) {
    file.id = facts->id;
    file.kind = facts->kind;
  }
}

}  // namespace

std::expected<FileFacts, int> look_at(int directory, const char* path) {
  struct statx about{};
  if (::statx(directory, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO,
              &about) != 0)
    return std::unexpected(errno);
  return FileFacts{
      .id = {.device = makedev(about.stx_dev_major, about.stx_dev_minor), .inode = about.stx_ino},
      .kind = kind_of(about.stx_mode)};
}

std::expected<std::vector<OpenFile>, int> read_open_files(ProcReader& proc, const Body& body) {
  const auto directory = proc.directory(body.path("fd").c_str());
  if (!directory) return std::unexpected(directory.error());
  std::vector<OpenFile> files;
  files.reserve(directory->numbers.size());
  for (const std::int32_t fd : directory->numbers) {
    const Name name(fd);
    const auto link = proc.link_in(directory->fd.get(), name.c_str());
    if (!link) continue;  // closed meanwhile
    OpenFile file = described(fd, *link);
    if (file.kind == FileKind::other)
      if (const auto facts = look_at(directory->fd.get(), name.c_str())) {
        file.id = facts->id;
        file.kind = facts->kind;
      }
    files.push_back(std::move(file));
  }
  return files;
}

std::expected<std::vector<OpenFile>, int> read_mapped_files(ProcReader& proc, const Body& body) {
  const auto text = proc.whole(body.path("maps").c_str());
  if (!text) return std::unexpected(text.error());
  std::vector<OpenFile> files;
  for (MappedFile& mapped : parse_maps(*text)) {
    OpenFile file = std::move(mapped.file);
    correct_device(proc, body, mapped, file);
    files.push_back(std::move(file));
  }
  return files;
}

std::expected<std::vector<Inode>, int> read_sockets_held(ProcReader& proc, const Body& body,
                                                         const std::vector<Inode>& sockets) {
  const auto directory = proc.directory(body.path("fd").c_str());
  if (!directory) return std::unexpected(directory.error());
  std::vector<Inode> held;
  for (const std::int32_t fd : directory->numbers) {
    const auto link = proc.link_in(directory->fd.get(), Name(fd).c_str());
    const Inode inode(link ? inode_in_link(*link, "socket") : 0);
    if (inode != Inode{} && std::ranges::binary_search(sockets, inode)) held.push_back(inode);
  }
  std::ranges::sort(held);
  const auto repeated = std::ranges::unique(held);
  held.erase(repeated.begin(), repeated.end());
  return held;
}

}  // namespace knell::live
