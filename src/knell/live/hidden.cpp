#include "knell/live/hidden.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "knell/live/snapshot.hpp"
#include "knell/live/text.hpp"

namespace knell::live {
namespace {

constexpr unsigned kCapSysPtrace = 19;  // CAP_SYS_PTRACE, capabilities(7)
constexpr int kHidepidPtraceable = 4;

bool in_group(gid_t group) {
  if (::getegid() == group) return true;
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
  const int got = ::getgroups(count, groups.data());
  return got > 0 && std::ranges::find(groups, group) != groups.end();
}

/// has_pid_permissions() of fs/proc/base.c: who is in the mount's group (but for hidepid=4), or may
/// trace the process in question. That last one is asked of pid 1, who belongs to nobody else.
bool sees_all(ProcReader& proc, const Mount& mount) {
  const auto group = number<gid_t>(option(mount, "gid"));
  if (hidepid(mount) != kHidepidPtraceable && in_group(group.value_or(0))) return true;
  const auto own = proc.record("self/status");
  const auto status = own ? parse_status(*own) : std::nullopt;
  if (!status || (status->cred.cap_effective >> kCapSysPtrace & 1U) == 0) return false;
  return proc.record("1/stat").has_value();
}

}  // namespace

Result<void> note_hidden(ProcReader& proc, std::span<const Mount> mounts, const Readings& readings,
                         World& world) {
  std::uint32_t refused = 0;
  for (const Reading& reading : readings)
    if (reading.error == EPERM || reading.error == EACCES) ++refused;

  struct stat root{};
  if (::fstat(proc.root(), &root) != 0) return failure(errno, "look at", "/proc");
  const auto mount = std::ranges::find(mounts, root.st_dev, &Mount::device);
  const int hidden = mount != mounts.end() ? hidepid(*mount) : 0;
  if (hidden != 0 && !sees_all(proc, *mount))
    note_unread(world, "other users' processes (hidepid=" + std::to_string(hidden) + ")", EPERM,
                refused);
  else if (refused != 0)
    note_unread(world, "processes", EACCES, refused);
  return {};
}

}  // namespace knell::live
