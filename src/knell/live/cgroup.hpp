#pragma once

/// A control group: a directory of a cgroup file system, version 2 or one hierarchy of version 1
/// (cgroups(7), Documentation/admin-guide/cgroup-v2.rst).
///
/// A value that names the directory; the group itself is made and removed by what is called.
/// Errors carry the errno of the file that was read or written.

#include <string>
#include <unordered_set>
#include <vector>

#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"

namespace knell::live {

class Cgroup {
public:
  enum class Version : std::uint8_t { v1, v2 };

  explicit Cgroup(std::string path, Version version = Version::v2)
      : path_(std::move(path)), version_(version) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Version version() const { return version_; }
  /// The group of that name inside of this one.
  [[nodiscard]] Cgroup child(const std::string& name) const;
  [[nodiscard]] bool exists() const;
  /// The groups right inside of it. Errors: ENOENT, EACCES: then it may well have some.
  [[nodiscard]] Result<std::vector<Cgroup>> children() const;

  /// mkdir(2). Errors: EEXIST, EACCES (the parent is not the caller's), EAGAIN (too many).
  [[nodiscard]] Result<void> make() const;
  /// rmdir(2). Errors: EBUSY (it has living processes or groups inside), ENOENT.
  [[nodiscard]] Result<void> remove() const;

  /// Moves a process here, with all its threads. Pid 0: the caller. Errors: ESRCH; EACCES (the
  /// caller may not write in both groups' common ancestor); EOPNOTSUPP (a threaded group).
  [[nodiscard]] Result<void> add(Pid process) const;
  /// Those in it, not those in groups inside of it; no zombies (v2). A process of another pid
  /// namespace than the reader's reads as 0.
  [[nodiscard]] Result<std::vector<Pid>> processes() const;
  /// Whether anything lives in it or in the groups inside of it.
  [[nodiscard]] Result<bool> populated() const;
  /// `cgroup.events`, which polls POLLPRI when that changes (v2).
  [[nodiscard]] Result<Fd> events() const;
  /// The same as populated(), read from what events() opened, which then polls for what changes
  /// after this. ENODEV: the group has been removed.
  [[nodiscard]] static Result<bool> populated(const Fd& events);

  /// Whether there is `cgroup.kill`: v2 since Linux 5.14, and never the root.
  [[nodiscard]] bool can_kill() const;
  /// SIGKILL for all in it and in the groups inside of it, also for those that are being forked
  /// (cgroup_kill of kernel/cgroup/cgroup.c). EOPNOTSUPP: a threaded group.
  [[nodiscard]] Result<void> kill() const;

  /// Whether it can be frozen: v2 since Linux 5.2; of v1 the freezer's hierarchy. Never the root.
  [[nodiscard]] bool can_freeze() const;
  /// Asks for it; it has come about once `frozen` says so. What is frozen by v2 still dies of
  /// SIGKILL; by v1 it does not until it is thawed.
  [[nodiscard]] Result<void> freeze() const;
  [[nodiscard]] Result<void> thaw() const;
  /// Whether it, or a group that it is in, is frozen: all of it, not half-way.
  [[nodiscard]] Result<bool> frozen() const;

  bool operator==(const Cgroup&) const = default;

private:
  [[nodiscard]] std::string file(const char* name) const { return path_ + '/' + name; }

  std::string path_;
  Version version_ = Version::v2;
};

/// Whether all that live in the group, and in those inside of it, are among these. A process of
/// another pid namespace is not; what cannot be read holds others, too.
[[nodiscard]] bool holds_only(const Cgroup& group, const std::unordered_set<Pid>& pids);
/// The group that this one is right inside of; of a hierarchy's root it makes no sense.
[[nodiscard]] Cgroup above(const Cgroup& group);

/// The groups of one process, where their hierarchies are mounted.
struct CgroupsOf {
  std::vector<Cgroup> v2;       ///< one, or none
  std::vector<Cgroup> freezer;  ///< of the v1 freezer, likewise
};

}  // namespace knell::live
