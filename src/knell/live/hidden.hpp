#pragma once

#include <span>
#include <vector>

#include "knell/live/mountinfo.hpp"
#include "knell/live/proc_fs.hpp"
#include "knell/live/reading.hpp"

namespace knell::live {

/// Notes in World::unread that there are, or may be, processes which the mount options of /proc
/// keep from the reader (hidepid=, proc(5)), and others that it was not let see.
[[nodiscard]] Result<void> note_hidden(ProcReader& proc, std::span<const Mount> mounts,
                                       const Readings& readings, World& world);

}  // namespace knell::live
