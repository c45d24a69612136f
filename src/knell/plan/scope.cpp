#include "knell/plan/scope.hpp"

#include <algorithm>

namespace knell::plan {

std::vector<TaskIndex> ancestors(const World& world, TaskIndex task) {
  std::vector<TaskIndex> above;
  for (TaskIndex parent = world[task].real_parent; parent; parent = world[parent].real_parent) {
    parent = world.leader(parent);
    above.push_back(parent);
    if (above.size() > world.tasks.size()) break;  // a World read while it changed may have a ring
  }
  return above;
}

Scope scope_of(const World& world, const std::vector<TaskIndex>& named,
               const std::set<TaskIndex>& protected_tasks) {
  Scope scope;
  scope.inside.resize(world.tasks.size());
  scope.protected_.resize(world.tasks.size());
  for (TaskIndex task : protected_tasks) scope.protected_[task.place()] = true;
  for (TaskIndex task : named) {
    if (scope.inside[task.place()]) continue;
    scope.inside[task.place()] = true;
    scope.members.push_back({task, task, Role::named, {}});
  }
  return scope;
}

void add_descendants(const World& world, Scope& scope) {
  // The list grows while it is walked: children are put behind, and get their turn.
  for (std::size_t i = 0; i < scope.members.size(); ++i) {
    const TaskIndex task = scope.members[i].task;
    const TaskIndex root = scope.members[i].root;
    for (TaskIndex thread = task; thread; thread = world[thread].next_thread)
      for (TaskIndex child : world.children(thread)) {
        if (scope.inside[child.place()] || scope.protected_[child.place()]) continue;
        scope.inside[child.place()] = true;
        scope.members.push_back({child, root, Role::descendant, {}});
      }
  }
}

namespace {

/// Depth first, without recursion: a tree may be thousands of levels deep.
void put_tree(const World& world, const std::vector<const Member*>& member_at, TaskIndex root,
              std::vector<bool>& placed, std::vector<Member>& ordered) {
  std::vector<TaskIndex> waiting{root};
  while (!waiting.empty()) {
    const TaskIndex task = waiting.back();
    waiting.pop_back();
    if (placed[task.place()]) continue;
    placed[task.place()] = true;
    ordered.push_back(*member_at[task.place()]);
    // Children are listed newest first, so the oldest is taken from the end next.
    for (TaskIndex thread = task; thread; thread = world[thread].next_thread)
      for (TaskIndex child : world.children(thread))
        if (member_at[child.place()] != nullptr) waiting.push_back(child);
  }
}

}  // namespace

std::vector<Member> in_tree_order(const World& world, const Scope& scope) {
  std::vector<const Member*> member_at(world.tasks.size());
  for (const Member& member : scope.members) member_at[member.task.place()] = &member;
  std::vector<bool> placed(world.tasks.size());
  std::vector<Member> ordered;
  ordered.reserve(scope.members.size());
  const auto starts_tree = [&](const Member& member) {
    const TaskIndex parent = world[member.task].real_parent;
    return !parent || member_at[world.leader(parent).place()] == nullptr;
  };
  for (const bool tied : {false, true})
    for (const Member& member : scope.members)
      if (starts_tree(member) && (member.role == Role::tied) == tied)
        put_tree(world, member_at, member.task, placed, ordered);
  for (const Member& member : scope.members)
    if (!placed[member.task.place()]) ordered.push_back(member);
  return ordered;
}

}  // namespace knell::plan
