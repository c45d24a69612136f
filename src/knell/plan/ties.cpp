/// What ties a process that was reparented away to the tree it came from.
///
/// In all of this T is a named process, P its parent, D a process of T's tree and C one that might
/// be a descendant of T's but is a child of somebody else. When the parent of a task ends, Linux
/// gives it to an ancestor of that parent (find_new_reaper: the nearest subreaper, or init), so C's
/// parent is an ancestor of T's, and C is younger than T. That alone says nothing yet.

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "knell/plan/scope.hpp"

namespace knell::plan {
namespace {

TaskIndex parent_of(const World& world, TaskIndex task) {
  const TaskIndex parent = world[task].real_parent;
  return parent ? world.leader(parent) : TaskIndex{};
}

std::vector<bool> above_any_root(const World& world, const Scope& scope) {
  std::vector<bool> above(world.tasks.size());
  for (const Member& member : scope.members)
    for (TaskIndex at = parent_of(world, member.task); at && !above[at.place()];
         at = parent_of(world, at))
      if (!scope.has(at)) above[at.place()] = true;
  return above;
}

std::string process_text(const World& world, TaskIndex task) {
  return fmt::format("{} {}", world[task].pid.value(), world[task].comm);
}

struct Tie {
  TaskIndex root;
  std::string by;
};

/// A tie that some member offers to whoever has the same number.
struct Offer {
  TaskIndex root;
  TaskIndex by;
  bool not_by_siblings = false;  ///< does not hold for another child of the root's parent
};

bool accepts(const World& world, const Offer& offer, TaskIndex candidate) {
  if (world.signal_of(candidate).start < world.signal_of(offer.root).start) return false;
  return !offer.not_by_siblings || parent_of(world, candidate) != parent_of(world, offer.root);
}

/// Sessions. A process gets into session S only by setsid(2), which makes S its own pid, or by
/// being born there. So:
/// - T leads its session: all in it descend from T.
/// - T is still in the session it was born into, and D is in another one, S: somebody below T
///   called setsid, and all in S descend from that somebody, hence from T.
std::map<Sid, Offer> sessions_offered(const World& world, const Scope& scope) {
  std::map<Sid, Offer> offers;
  for (const Member& member : scope.members) {
    const Sid session = world.signal_of(member.task).session;
    const Sid home = world.signal_of(member.root).session;
    const bool root_leads = home == Sid(world[member.root].pid.value());
    const bool member_leads = session == Sid(world[member.task].pid.value());
    if (session == Sid(0)) continue;
    if (member_leads || (!root_leads && session != home))
      offers.try_emplace(session, Offer{member.root, member.task});
  }
  return offers;
}

/// Process groups. A group G is joined by birth, or by setpgid(2) from its own session, which is
/// what a shell does with its own children: the members of a pipeline. So a group that a member of
/// the tree leads ties C, unless C is a child of T's own parent, as T's neighbour in a pipeline is.
std::map<Pgid, Offer> groups_offered(const World& world, const Scope& scope) {
  std::map<Pgid, Offer> offers;
  for (const Member& member : scope.members) {
    const Pgid group = world.signal_of(member.task).pgrp;
    if (group != Pgid(world[member.task].pid.value())) continue;
    offers.try_emplace(group, Offer{member.root, member.task, true});
  }
  return offers;
}

std::optional<Tie> tie_by_job(const World& world, const std::map<Sid, Offer>& sessions,
                              const std::map<Pgid, Offer>& groups, TaskIndex candidate) {
  const SignalStruct& signal = world.signal_of(candidate);
  if (auto found = sessions.find(signal.session);
      found != sessions.end() && accepts(world, found->second, candidate))
    return Tie{found->second.root, fmt::format("session {}, as {}", signal.session.value(),
                                               process_text(world, found->second.by))};
  if (auto found = groups.find(signal.pgrp);
      found != groups.end() && accepts(world, found->second, candidate))
    return Tie{found->second.root, fmt::format("process group {}, led by {}", signal.pgrp.value(),
                                               process_text(world, found->second.by))};
  return {};
}

/// Runs `tie` over everything that may have been reparented away; true if it found any.
template <class Function>
bool take_in(const World& world, Scope& scope, Function tie) {
  const std::size_t before = scope.members.size();
  for (TaskIndex candidate : candidates(world, scope))
    if (std::optional<Tie> found = tie(candidate)) {
      scope.inside[candidate.place()] = true;
      scope.members.push_back({candidate, found->root, Role::tied, std::move(found->by)});
    }
  if (scope.members.size() == before) return false;
  add_descendants(world, scope);
  return true;
}

/// `path` is `folder` or below it.
bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

/// Control groups and environments tie only past P: C's parent must be above P. For then P is no
/// subreaper (it would have C), so T was made by P and not adopted, and what T has and P has not
/// began with T. `above_parent`: the ancestors of P.
bool went_past_parent(const World& world, TaskIndex root,
                      const std::vector<TaskIndex>& above_parent, TaskIndex candidate) {
  return world.signal_of(candidate).start >= world.signal_of(root).start &&
         std::ranges::find(above_parent, parent_of(world, candidate)) != above_parent.end();
}

/// T was put into a cgroup of its own, one that P is not in.
bool has_own_cgroup(const World& world, TaskIndex root) {
  const std::string& own = world.details_of(root).cgroup;
  const std::string& parents = world.details_of(parent_of(world, root)).cgroup;
  return own.size() > 1 && !parents.empty() && !is_below(parents, own);
}

/// What T passes on that P has not.
struct Origin {
  TaskIndex root;
  std::string cgroup;              ///< "": none of its own
  std::vector<std::string> marks;  ///< of its environment
};

Origin origin_of(const World& world, TaskIndex root) {
  Origin origin{root, {}, {}};
  const TaskIndex parent = parent_of(world, root);
  if (!parent) return origin;
  if (has_own_cgroup(world, root)) origin.cgroup = world.details_of(root).cgroup;
  if (has(world[root].known & world[parent].known, Known::environ))
    origin.marks =
        environment_marks(world.details_of(root).environ, world.details_of(parent).environ);
  return origin;
}

std::vector<Origin> origins(const World& world, const Scope& scope) {
  std::vector<Origin> found;
  for (const Member& member : scope.members) {
    if (member.role != Role::named) continue;
    Origin origin = origin_of(world, member.task);
    if (!origin.cgroup.empty() || !origin.marks.empty()) found.push_back(std::move(origin));
  }
  return found;
}

std::optional<Tie> tie_by_origin(const World& world, const Origin& origin, TaskIndex candidate) {
  const Details& theirs = world.details_of(candidate);
  const std::string from = process_text(world, origin.root);
  if (!origin.cgroup.empty() && is_below(theirs.cgroup, origin.cgroup))
    return Tie{origin.root, fmt::format("cgroup {}, made for {}", origin.cgroup, from)};
  const std::string around = '\0' + theirs.environ;
  for (const std::string& mark : origin.marks)
    if (around.find('\0' + mark + '\0') != std::string::npos)
      return Tie{origin.root,
                 fmt::format("environment {}, as {}", mark.substr(0, mark.find('=')), from)};
  return {};
}

// So many images are read at most: each is two more files of /proc.
constexpr std::size_t kMostImages = 1024;

/// Memory images. execve(2) places everything at random and makes 16 random bytes; a fork has the
/// same until it calls execve itself. So what D made with its execve, and C has without one of its
/// own, C has from D. (D itself may be a fork: then the image is that of its parent or of whoever
/// came before, and ties nothing.)
std::map<std::string_view, Offer> images_offered(const World& world, const Scope& scope) {
  std::map<std::string_view, Offer> offers;
  for (const Member& member : scope.members) {
    const std::string& image = world.details_of(member.task).image;
    if (!image.empty() && !world[member.task].fork_no_exec)
      offers.try_emplace(image, Offer{member.root, member.task});
  }
  return offers;
}

/// Looks made to be unique: a run of at least 16 hexadecimal digits, dashes between them allowed,
/// at least four of them decimal.
bool looks_unique(std::string_view value) {
  int digits = 0;
  int decimal = 0;
  for (char c : value) {
    const bool is_decimal = c >= '0' && c <= '9';
    if (is_decimal || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      ++digits;
      decimal += is_decimal ? 1 : 0;
      if (digits >= 16 && decimal >= 4) return true;
    } else if (c != '-') {
      digits = decimal = 0;
    }
  }
  return false;
}

std::set<std::string_view> variables(std::string_view environment) {
  std::set<std::string_view> all;
  while (!environment.empty()) {
    const std::size_t end = std::min(environment.find('\0'), environment.size());
    if (end > 0) all.insert(environment.substr(0, end));
    environment.remove_prefix(std::min(end + 1, environment.size()));
  }
  return all;
}

}  // namespace

std::vector<std::string> environment_marks(std::string_view environment, std::string_view parent) {
  std::vector<std::string> marks;
  const std::set<std::string_view> inherited = variables(parent);
  for (std::string_view variable : variables(environment)) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos || inherited.contains(variable)) continue;
    if (looks_unique(variable.substr(equals + 1))) marks.emplace_back(variable);
  }
  return marks;
}

std::vector<TaskIndex> candidates(const World& world, const Scope& scope) {
  std::vector<TaskIndex> found;
  StartTime oldest = world.now;
  for (const Member& member : scope.members)
    oldest = std::min(oldest, world.signal_of(member.task).start);
  const std::vector<bool> above = above_any_root(world, scope);
  for (TaskIndex task : world.processes()) {
    const TaskIndex parent = parent_of(world, task);
    if (!parent || !above[parent.place()] || scope.has(task)) continue;
    if (scope.protected_[task.place()] || world[task].kernel_thread) continue;
    if (world.signal_of(task).start >= oldest) found.push_back(task);
  }
  return found;
}

void add_tied_by_job(const World& world, Scope& scope) {
  bool found = true;
  while (found) {
    const auto sessions = sessions_offered(world, scope);
    const auto groups = groups_offered(world, scope);
    found = take_in(world, scope, [&](TaskIndex candidate) {
      return tie_by_job(world, sessions, groups, candidate);
    });
  }
}

std::vector<TaskIndex> roots_and_parents(const World& world, const Scope& scope) {
  std::set<TaskIndex> asked;
  for (const Member& member : scope.members) {
    if (member.role != Role::named) continue;
    asked.insert(member.task);
    if (const TaskIndex parent = parent_of(world, member.task)) asked.insert(parent);
  }
  return {asked.begin(), asked.end()};
}

bool offers_origin(const World& world, const Scope& scope) {
  return !origins(world, scope).empty();
}

std::vector<TaskIndex> with_images(const World& world, const Scope& scope) {
  std::vector<TaskIndex> asked;
  for (const TaskIndex task : candidates(world, scope))
    if (world[task].fork_no_exec) asked.push_back(task);
  if (asked.empty()) return asked;
  for (const Member& member : scope.members)
    if (!world[member.task].fork_no_exec && asked.size() < kMostImages)
      asked.push_back(member.task);
  return asked;
}

void add_tied_by_image(const World& world, Scope& scope) {
  const std::map<std::string_view, Offer> offers = images_offered(world, scope);
  if (offers.empty()) return;
  take_in(world, scope, [&](TaskIndex candidate) -> std::optional<Tie> {
    if (!world[candidate].fork_no_exec) return {};
    const auto found = offers.find(world.details_of(candidate).image);
    if (found == offers.end() || !accepts(world, found->second, candidate)) return {};
    return Tie{found->second.root,
               fmt::format("memory image of {}", process_text(world, found->second.by))};
  });
}

void add_tied_by_origin(const World& world, Scope& scope) {
  for (const Origin& origin : origins(world, scope)) {
    const std::vector<TaskIndex> above = ancestors(world, parent_of(world, origin.root));
    take_in(world, scope, [&](TaskIndex candidate) -> std::optional<Tie> {
      if (!went_past_parent(world, origin.root, above, candidate)) return {};
      return tie_by_origin(world, origin, candidate);
    });
  }
}

}  // namespace knell::plan
