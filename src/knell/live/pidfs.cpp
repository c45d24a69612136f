#include "knell/live/pidfs.hpp"

#include <sys/stat.h>
#include <sys/vfs.h>

namespace knell::live {
namespace {

bool is_on_pidfs(int pidfd) {
  constexpr long kPidfsMagic = 0x50494446;  // PID_FS_MAGIC, include/uapi/linux/magic.h
  struct statfs file_system{};
  return ::fstatfs(pidfd, &file_system) == 0 && file_system.f_type == kPidfsMagic;
}

}  // namespace

Inode pidfs_inode(int pidfd) {
  static const bool on_pidfs = is_on_pidfs(pidfd);  // one kernel, one answer
  struct stat about{};
  if (!on_pidfs || ::fstat(pidfd, &about) != 0) return {};
  return Inode(about.st_ino);
}

}  // namespace knell::live
