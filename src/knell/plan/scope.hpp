#pragma once

/// Which processes a kill reaches: the named ones, what descends from them, and what descends from
/// them but was reparented away.
///
/// A process that left its parent's tree (its parent ended first) is no longer told from others by
/// its parent. It is taken in only where something it cannot have from anybody else ties it to the
/// tree. What each tie rests on stands at its function in ties.cpp.

#include <set>
#include <string>
#include <vector>

#include "knell/plan/forecast.hpp"
#include "knell/world/world.hpp"

namespace knell::plan {

struct Member {
  TaskIndex task;
  TaskIndex root;  ///< the named process it belongs to
  Role role = Role::named;
  std::string tie;
};

/// The members found so far, and who may never become one.
struct Scope {
  std::vector<Member> members;
  std::vector<bool> inside;      ///< by the task's place
  std::vector<bool> protected_;  ///< knell, its ancestors, pid 1, kernel threads

  [[nodiscard]] bool has(TaskIndex task) const { return inside[task.place()]; }
};

/// A scope of just these processes.
[[nodiscard]] Scope scope_of(const World& world, const std::vector<TaskIndex>& named,
                             const std::set<TaskIndex>& protected_tasks);
/// Adds everything that descends from a member by parenthood.
void add_descendants(const World& world, Scope& scope);
/// Adds what is tied to a member by session or process group, which every World knows, and its
/// descendants, until nothing is found any more.
void add_tied_by_job(const World& world, Scope& scope);

/// The processes whose cgroup and environment decide further ties: the named ones, their parents,
/// and those that may have been reparented away from them. Empty where no tie can come of it.
[[nodiscard]] std::vector<TaskIndex> roots_and_parents(const World& world, const Scope& scope);
[[nodiscard]] std::vector<TaskIndex> candidates(const World& world, const Scope& scope);
/// Whether any named process has a cgroup or a mark in its environment that its parent has not.
[[nodiscard]] bool offers_origin(const World& world, const Scope& scope);
/// Adds what is tied by cgroup or environment, and its descendants. Needs Known::cgroup and
/// Known::environ of the above; what was not read ties nothing.
void add_tied_by_origin(const World& world, Scope& scope);

/// Those whose image decides a last tie: members that called execve, and strays that have not since
/// they were made. Both empty where no tie can come of it.
[[nodiscard]] std::vector<TaskIndex> with_images(const World& world, const Scope& scope);
/// Adds what is tied by its image, and its descendants. Needs Known::image of the above.
void add_tied_by_image(const World& world, Scope& scope);

/// All ancestors of a task, nearest first.
[[nodiscard]] std::vector<TaskIndex> ancestors(const World& world, TaskIndex task);

/// Orders the members so that each stands below its parent, parents first; ties follow the rest.
[[nodiscard]] std::vector<Member> in_tree_order(const World& world, const Scope& scope);

/// The marks of one environment that tell its descendants from all other processes: NAME=VALUE
/// strings with a value that looks like it was made to be unique (a UUID, a long hexadecimal
/// number), which `parent` does not have.
[[nodiscard]] std::vector<std::string> environment_marks(std::string_view environment,
                                                         std::string_view parent);

}  // namespace knell::plan
