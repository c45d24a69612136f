#pragma once

#include "knell/world/ids.hpp"

namespace knell::live {

/// The inode of a pidfd, where it means something: from Linux 6.9 on each process has its own in a
/// file system of their own (fs/pidfs.c), never given twice; before, all pidfds shared the one of
/// anon_inodefs, which says nothing: 0.
[[nodiscard]] Inode pidfs_inode(int pidfd);

}  // namespace knell::live
