#include "knell/live/state.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

/// The file of a cgroup. A mount may show a part of the tree only (a container's), while
/// /proc/PID/cgroup gives paths from its very root.
std::string file_of(const Mount& mount, std::string_view cgroup, std::string_view file) {
  if (mount.root != "/" && cgroup.starts_with(mount.root)) cgroup.remove_prefix(mount.root.size());
  std::string path = mount.point;
  path += cgroup;
  if (!path.ends_with('/')) path += '/';
  return path += file;
}

ProcReader any_file() {
  return ProcReader(AT_FDCWD);
}

bool has_line(std::string_view text, std::string_view wanted) {
  while (!text.empty())
    if (take_line(text) == wanted) return true;
  return false;
}

}  // namespace

CgroupTree::CgroupTree(const Roots& roots, std::span<const Mount> mounts) {
  const auto first = [&](std::string_view type, std::string_view option) -> std::optional<Mount> {
    const auto found = std::ranges::find_if(mounts, [&](const Mount& mount) {
      return mount.type == type && (option.empty() || has_option(mount, option));
    });
    return found != mounts.end() ? std::optional(*found) : std::nullopt;
  };
  v2_ = first("cgroup2", "");
  freezer_ = first("cgroup", "freezer");
  memory_ = first("cgroup", "memory");
  const auto systemd = std::ranges::find_if(mounts, [](const Mount& mount) {
    return mount.type == "cgroup" && option(mount, "name") == "systemd";
  });
  if (systemd != mounts.end()) systemd_ = *systemd;
  if (!roots.cgroup.empty()) v2_ = Mount{.root = "/", .point = roots.cgroup, .type = "cgroup2"};
}

std::string CgroupTree::unit_root() const {
  if (v2_) return v2_->point;
  return systemd_ ? systemd_->point : "";
}

bool CgroupTree::frozen(const ProcCgroup& cgroup) {
  const auto [place, fresh] = frozen_.try_emplace(cgroup.v2 + '\n' + cgroup.freezer);
  if (fresh) place->second = read_frozen(cgroup);
  return place->second;
}

/// cgroup.events: Documentation/admin-guide/cgroup-v2.rst; freezer.state:
/// Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst. Both count an ancestor's freezing.
bool CgroupTree::read_frozen(const ProcCgroup& cgroup) const {
  if (v2_ && cgroup.v2.size() > 1) {
    ProcReader reader = any_file();
    const auto events = reader.record(file_of(*v2_, cgroup.v2, "cgroup.events").c_str());
    if (events && has_line(*events, "frozen 1")) return true;
  }
  if (freezer_ && cgroup.freezer.size() > 1) {
    ProcReader reader = any_file();
    const auto state = reader.record(file_of(*freezer_, cgroup.freezer, "freezer.state").c_str());
    if (state && (has_line(*state, "FROZEN") || has_line(*state, "FREEZING"))) return true;
  }
  return false;
}

Result<std::uint64_t> CgroupTree::memory(const std::string& cgroup) const {
  if (!v2_ && !memory_)
    return failure(ENOENT, "read memory of cgroup", cgroup, "no cgroups are mounted");
  ProcReader reader = any_file();
  const std::string path = memory_ ? file_of(*memory_, cgroup, "memory.usage_in_bytes")
                                   : file_of(*v2_, cgroup, "memory.current");
  auto text = reader.record(path.c_str());
  if (!text) return failure(text.error(), "read", path);
  take_ending(*text, "\n");
  const auto bytes = number<std::uint64_t>(*text);
  if (!bytes) return failure(EBADMSG, "understand", path);
  return *bytes;
}

CgroupsOf CgroupTree::directories(const ProcCgroup& cgroup) const {
  const auto directory = [](const Mount& mount, std::string_view of) {
    std::string path = file_of(mount, of, "");
    path.pop_back();
    return path;
  };
  CgroupsOf found;
  if (v2_ && !cgroup.v2.empty()) found.v2.emplace_back(directory(*v2_, cgroup.v2));
  if (freezer_ && !cgroup.freezer.empty())
    found.freezer.emplace_back(directory(*freezer_, cgroup.freezer), Cgroup::Version::v1);
  return found;
}

Result<std::span<const Mount>> Machine::State::mounts() {
  if (!mounts_read) {
    ProcReader reader(proc);
    const auto text = reader.whole("self/mountinfo");
    if (!text) return failure(text.error(), "read", roots.proc + "/self/mountinfo");
    mounts_read = parse_mountinfo(*text);
  }
  return *mounts_read;
}

Result<CgroupTree> Machine::State::cgroups() {
  return CgroupTree(roots, KNELL_TRY(mounts()));
}

}  // namespace knell::live
