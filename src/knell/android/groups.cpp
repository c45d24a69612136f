/// Where the groups lie, how one is made and how it goes.

#include "knell/android/groups.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "knell/live/mountinfo.hpp"
#include "knell/live/proc_fs.hpp"
#include "knell/live/text.hpp"

namespace knell::android {
namespace {

using live::Cgroup;

// android_filesystem_config.h of AOSP.
constexpr Uid kFirstApp{10000};
constexpr Uid kFirstIsolated{90000};
constexpr Uid kLastIsolated{99999};

constexpr std::string_view kUidPrefix = "uid_";
constexpr std::string_view kPidPrefix = "pid_";

Result<Cgroup::Version> version_of(const std::string& path) {
  struct statfs system{};
  if (::statfs(path.c_str(), &system) != 0) return failure(errno, "use", path);
  if (system.f_type == CGROUP2_SUPER_MAGIC) return Cgroup::Version::v2;
  if (system.f_type == CGROUP_SUPER_MAGIC) return Cgroup::Version::v1;
  return failure(EINVAL, "use", path, "it is no control group");
}

/// The number behind the prefix of a directory's name; none if it is not named so.
template <class Id>
std::optional<Id> id_of(const Cgroup& cgroup, std::string_view prefix) {
  const std::string name = std::filesystem::path(cgroup.path()).filename().string();
  if (!name.starts_with(prefix)) return std::nullopt;
  const auto id = live::number<typename Id::rep>(std::string_view(name).substr(prefix.size()));
  return id ? std::optional(Id(*id)) : std::nullopt;
}

/// Gives the directory and the files that the kernel put into it to somebody.
Result<void> give(const std::string& path, const struct stat& owner) {
  const std::unique_ptr<DIR, int (*)(DIR*)> files(::opendir(path.c_str()), ::closedir);
  if (!files) return failure(errno, "open", path);
  const int directory = ::dirfd(files.get());
  if (::fchmod(directory, owner.st_mode & 07777U) != 0) return failure(errno, "chmod", path);
  while (const dirent* const file = ::readdir(files.get())) {
    const char* const name = static_cast<const char*>(file->d_name);
    if (std::string_view(name) == "..") continue;
    if (::fchownat(directory, name, owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
      return failure(errno, "chown", path + '/' + name);
  }
  return {};
}

}  // namespace

Result<std::string> ProcessGroups::find_root() {
  live::ProcReader reader(AT_FDCWD);
  const auto text = reader.whole("/proc/self/mountinfo");
  if (!text) return failure(text.error(), "read", "/proc/self/mountinfo");
  const std::vector<live::Mount> mounts = live::parse_mountinfo(*text);
  for (const live::Mount& mount : mounts)
    if (mount.type == "cgroup2") return mount.point;
  for (const live::Mount& mount : mounts)
    if (mount.type == "cgroup" && live::has_option(mount, "cpuacct")) return mount.point;
  return failure(ENOENT, "find", "a cgroup v2 hierarchy, or v1's cpuacct");
}

Result<ProcessGroups> ProcessGroups::open(const std::string& root, Options options) {
  const Cgroup cgroup(root, KNELL_TRY(version_of(root)));
  const bool has_events = cgroup.version() == Cgroup::Version::v2;
  if (options.way == Way::events && !has_events)
    return failure(EINVAL, "wait for events of", root, "cgroup v1 has none");
  const bool by_events =
      options.way == Way::events || (options.way == Way::automatic && has_events);
  const bool isolation =
      options.isolation.value_or(cgroup.child("apps").exists() && cgroup.child("system").exists());
  return ProcessGroups(cgroup, by_events ? Way::events : Way::tries, isolation, std::move(options));
}

ProcessGroups::ProcessGroups(Cgroup root, Way way, bool isolation, Options options)
    : root_(std::move(root)), way_(way), isolation_(isolation), options_(std::move(options)) {
}

Cgroup ProcessGroups::uid_group(Uid uid) const {
  const Cgroup part = !isolation_ ? root_ : root_.child(uid < kFirstApp ? "system" : "apps");
  return part.child(fmt::format("{}{}", kUidPrefix, uid.value()));
}

Cgroup ProcessGroups::group(Uid uid, Pid pid) const {
  return uid_group(uid).child(fmt::format("{}{}", kPidPrefix, pid.value()));
}

Result<void> ProcessGroups::create(Uid uid, Pid pid) const {
  if (pid.value() <= 0) {
    log(Level::error, fmt::format("createProcessGroup: invalid PID {}", pid.value()));
    return failure(EINVAL, "make a group for", fmt::format("pid {}", pid.value()));
  }
  const auto made = [&]() -> Result<void> {
    KNELL_TRY(make(uid_group(uid)));
    KNELL_TRY(make(group(uid, pid)));
    return group(uid, pid).add(pid);
  }();
  if (!made) log(Level::error, made.error().message());
  return made;
}

/// A group that exists has been given to whom it belongs when it was made.
Result<void> ProcessGroups::make(const Cgroup& cgroup) const {
  struct stat owner{};
  if (::stat(root_.path().c_str(), &owner) != 0) return failure(errno, "stat", root_.path());
  if (const Result<void> made = cgroup.make(); !made) {
    if (made.error().number == EEXIST) return {};
    return made;
  }
  Result<void> given = give(cgroup.path(), owner);
  if (!given) static_cast<void>(cgroup.remove());
  return given;
}

Result<void> ProcessGroups::remove(const Group& group) const {
  const Result<void> removed = group.cgroup.remove();
  if (!removed && removed.error().number == ENOENT) {
    log(Level::warning, fmt::format("{} does not exist", group.cgroup.path()));
    return {};
  }
  // Numbers of isolated uids hardly ever come back: what is kept for them would be kept for good.
  if (removed && group.uid >= kFirstIsolated && group.uid <= kLastIsolated)
    static_cast<void>(uid_group(group.uid).remove());
  return removed;
}

std::vector<Cgroup> ProcessGroups::uid_groups() const {
  std::vector<Cgroup> found;
  for (const Cgroup& part : {root_, root_.child("system"), root_.child("apps")})
    for (const Cgroup& cgroup : part.children().value_or(std::vector<Cgroup>()))
      if (id_of<Uid>(cgroup, kUidPrefix)) found.push_back(cgroup);
  return found;
}

Result<std::vector<Group>> ProcessGroups::list() const {
  if (::access(root_.path().c_str(), R_OK) != 0) return failure(errno, "read", root_.path());
  std::vector<Group> found;
  for (const Cgroup& uid : uid_groups())
    for (const Cgroup& cgroup : uid.children().value_or(std::vector<Cgroup>()))
      if (const auto pid = id_of<Pid>(cgroup, kPidPrefix))
        found.push_back({*id_of<Uid>(uid, kUidPrefix), *pid, cgroup});
  std::ranges::sort(found, {}, [](const Group& each) { return std::tuple(each.uid, each.pid); });
  return found;
}

void ProcessGroups::remove_all_empty() const {
  for (const Cgroup& uid : uid_groups()) {
    bool empty = true;
    for (const Cgroup& cgroup : uid.children().value_or(std::vector<Cgroup>())) {
      if (!id_of<Pid>(cgroup, kPidPrefix)) continue;
      const Result<void> removed = cgroup.remove();
      empty = empty && removed;
      if (!removed && removed.error().number != EBUSY)
        log(Level::warning, removed.error().message());
    }
    if (!empty) continue;
    const Result<void> removed = uid.remove();
    if (!removed && removed.error().number != EBUSY) log(Level::warning, removed.error().message());
  }
}

void ProcessGroups::log(Level level, const std::string& text) const {
  if (options_.log) options_.log(level, text);
}

}  // namespace knell::android
