#pragma once

/// What is built around an animal: control groups, a frozen disk, a directory to write in. The
/// keeper builds it outside of the animal's namespace, closes and opens it inside, and takes it
/// down when all are gone.

#include <memory>
#include <string>
#include <vector>

#include "knell/live/cgroup.hpp"
#include "zoo/disk.hpp"
#include "zoo/job.hpp"

namespace knell::zoo {

class Fence {
public:
  /// Null: it cannot be had here, and `why` says what is missing.
  static std::unique_ptr<Fence> build(const Job& job, std::string& why);
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  ~Fence();

  /// A directory that the animal may write in.
  [[nodiscard]] std::string place() const { return disk_ ? disk_->root() : folder_; }
  /// Of the control group that can be killed as one; empty: there is none.
  [[nodiscard]] std::string group() const;

  /// Enters the groups an animal is born in; the caller may be any user by now.
  void enter() const;
  /// `cgroup.procs` of the group that the animal has to enter by itself, for what it is started by
  /// stays outside; -1: there is none.
  [[nodiscard]] int entrance() const;
  /// Closes it around an animal that stands: freezes. False: it could not be closed.
  [[nodiscard]] bool close() const;
  /// Undoes `close`: thaws what was frozen.
  void open() const;

private:
  Fence() = default;
  [[nodiscard]] std::string build_groups(const Job& job);
  [[nodiscard]] std::string build_frozen_group(const Job& job);
  [[nodiscard]] std::string make_group(const char* type, const char* controller, const char* name,
                                       uid_t owner);
  [[nodiscard]] std::string make_folder(uid_t owner);

  struct Group {
    live::Cgroup cgroup;
    int entrance = -1;  ///< its cgroup.procs, opened by root
    bool by_the_animal = false;
  };

  Enclosure kind_ = Enclosure::none;
  std::string folder_;
  std::vector<Group> groups_;  ///< the one that is frozen is the last
  std::unique_ptr<Disk> disk_;
};

}  // namespace knell::zoo
