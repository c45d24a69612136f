#pragma once

/// /proc/PID/maps: show_map_vma() of fs/proc/task_mmu.c, proc_pid_maps(5).

#include <string>
#include <string_view>
#include <vector>

#include "knell/world/world.hpp"

namespace knell::live {

struct MappedFile {
  OpenFile file;
  std::string_view range;  ///< "55d0c0a00000-55d0c0a01000", of one of its mappings: from the text
};

/// The files mapped, each once, ascending by FileId; memory without a file is left out. The device
/// is the file system's own (s_dev), which for btrfs and overlayfs is not the one stat(2) shows.
[[nodiscard]] std::vector<MappedFile> parse_maps(std::string_view text);

}  // namespace knell::live
