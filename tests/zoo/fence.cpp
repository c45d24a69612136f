#include "zoo/fence.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "knell/live/mountinfo.hpp"
#include "knell/live/proc_fs.hpp"
#include "zoo/killer.hpp"

namespace knell::zoo {
namespace {

using live::Cgroup;

constexpr std::int64_t kLimit = 20'000;  // milliseconds; no healthy machine comes near

template <typename Condition>
bool eventually(const Condition& holds) {
  const std::int64_t end = now() + kLimit;
  while (!holds()) {
    if (now() >= end) return false;
    nap(1);
  }
  return true;
}

std::optional<std::string> mount_of(std::string_view type, std::string_view controller) {
  live::ProcReader proc(AT_FDCWD);
  const auto text = proc.whole("/proc/self/mountinfo");
  for (const live::Mount& mount : live::parse_mountinfo(text.value_or("")))
    if (mount.type == type && (controller.empty() || live::has_option(mount, controller)))
      return mount.point;
  return std::nullopt;
}

/// As a service manager hands a group to its user: the directory and all files in it.
void give_to(uid_t owner, const std::string& path) {
  if (owner == 0) return;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    if (::chown(entry.path().c_str(), owner, owner) != 0) return;
  if (::chown(path.c_str(), owner, owner) != 0) return;
}

/// Also what knell-run had to leave inside: it cannot remove a group that somebody lives on in.
bool remove_whole(const Cgroup& group) {
  for (const Cgroup& inner : group.children().value_or(std::vector<Cgroup>())) (void)inner.remove();
  return group.remove().has_value();
}

}  // namespace

std::unique_ptr<Fence> Fence::build(const Job& job, std::string& why) {
  std::unique_ptr<Fence> fence(new Fence);
  fence->kind_ = job.animal->enclosure;
  why = fence->make_folder(job.user);
  if (why.empty()) why = fence->build_groups(job);
  if (why.empty() && fence->kind_ == Enclosure::disk)
    fence->disk_ = Disk::make(fence->folder_, why);
  if (!why.empty()) return nullptr;
  return fence;
}

Fence::~Fence() {
  open();
  disk_.reset();
  for (const auto& [cgroup, entrance, by_the_animal] : groups_) {
    ::close(entrance);
    if (!eventually([&] { return remove_whole(cgroup); }))
      fmt::print(stderr, "knell-zoo: {} cannot be removed\n", cgroup.path());
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Fence::group() const {
  for (const Group& group : groups_)
    if (group.cgroup.version() == Cgroup::Version::v2) return group.cgroup.path();
  return "";
}

std::string Fence::make_folder(uid_t owner) {
  folder_ = (std::filesystem::temp_directory_path() / "knell-zoo-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr || ::chmod(folder_.c_str(), 0755) != 0 ||
      (owner != 0 && ::geteuid() == 0 && ::chown(folder_.c_str(), owner, owner) != 0))
    return fmt::format("cannot make {}: {}", folder_, std::strerror(errno));
  return "";
}

std::string Fence::build_groups(const Job& job) {
  std::string why;
  if (kind_ == Enclosure::group || job.killer == Killer::cgroup_kill)
    why = make_group("cgroup2", "", "", job.user);
  else if (job.killer == Killer::knell_run)  // it makes its own in there, if it may
    (void)make_group("cgroup2", "", "", job.user);
  return why.empty() ? build_frozen_group(job) : why;
}

std::string Fence::build_frozen_group(const Job& job) {
  std::string why;
  if (kind_ == Enclosure::frozen_v1)
    why = make_group("cgroup", "freezer", "-frozen", job.user);
  else if (kind_ == Enclosure::frozen_v2 && job.killer != Killer::cgroup_kill)
    why = make_group("cgroup2", "", "-frozen", job.user);
  else
    return "";
  if (why.empty()) groups_.back().by_the_animal = starts_what_it_ends(job.killer);
  return why;
}

std::string Fence::make_group(const char* type, const char* controller, const char* name,
                              uid_t owner) {
  const auto root = mount_of(type, controller);
  if (!root) return fmt::format("no {} {} is mounted", type, controller);
  const bool v2 = std::string_view(type) == "cgroup2";
  const Cgroup group(fmt::format("{}/knell-zoo-{}{}", *root, ::getpid(), name),
                     v2 ? Cgroup::Version::v2 : Cgroup::Version::v1);
  if (const auto made = group.make(); !made) return made.error().message();
  give_to(owner, group.path());
  groups_.push_back(
      {group, ::open((group.path() + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC)});
  return groups_.back().entrance < 0 ? "cannot open a group's cgroup.procs" : "";
}

void Fence::enter() const {
  for (const Group& group : groups_)
    if (!group.by_the_animal && ::write(group.entrance, "0", 1) != 1)
      give_up("enter a control group");
}

int Fence::entrance() const {
  for (const Group& group : groups_)
    if (group.by_the_animal) return group.entrance;
  return -1;
}

bool Fence::close() const {
  if (disk_) return disk_->freeze();
  if (!is_frozen(kind_)) return true;
  const Cgroup& group = groups_.back().cgroup;
  return group.freeze() && eventually([&] { return group.frozen().value_or(false); });
}

void Fence::open() const {
  if (disk_) disk_->thaw();
  if (!is_frozen(kind_)) return;
  for (const Group& group : groups_)
    if (group.cgroup.can_freeze()) (void)group.cgroup.thaw();
}

}  // namespace knell::zoo
