#include "knell/report/sim_traits.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "knell/script/look.hpp"
#include "knell/script/print.hpp"

namespace knell::report {
namespace {

using script::Doing;
using script::Run;

Trait set_trait(const char* what, SigSet set) {
  return {what, script::set_text(set), set.empty()};
}

std::string user_of(const World& world, TaskIndex task) {
  if (!world[task].cred) return "0";
  const Cred& cred = world[world[task].cred];
  if (cred.uid == cred.euid && cred.uid == cred.suid) return fmt::format("{}", cred.uid.value());
  return fmt::format("{} {} {}", cred.uid.value(), cred.euid.value(), cred.suid.value());
}

std::string handlers_of(const World& world, TaskIndex task) {
  if (!world[task].context) return "none";
  std::string text;
  for (const SigFrame& frame : world[world[task].context].frames)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", frame.info.signal.name());
  return text.empty() ? "none" : text;
}

std::string_view type_of(File::Type type) {
  switch (type) {
    case File::Type::none:
      return "";
    case File::Type::regular:
      return "file";
    case File::Type::pipe_read:
      return "pipe to read";
    case File::Type::pipe_write:
      return "pipe to write";
    case File::Type::signalfd:
      return "signalfd";
    case File::Type::tty:
      return "tty";
  }
  return "";
}

std::string descriptor_text(const World& world, const Descriptor& descriptor) {
  std::string text = fmt::format("{}", descriptor.fd);
  if (!descriptor.file) return text;
  const File& file = world[descriptor.file];
  text += fmt::format(" {}", type_of(file.type));
  if (file.type == File::Type::regular) text += fmt::format(" {}", file.number);
  for (const HeldLock& lock : world.held_locks)
    if (lock.type == HeldLock::Type::flock && lock.owner == descriptor.file.place())
      text += lock.exclusive ? " locked exclusive" : " locked shared";
  return text;
}

std::string descriptors_of(const World& world, TaskIndex task) {
  if (!world[task].files) return "none";
  std::string text;
  for (const Descriptor& each : world[world[task].files].fds)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", descriptor_text(world, each));
  return text.empty() ? "none" : text;
}

std::string number_text(const Run& run, TaskIndex task) {
  const std::int32_t outer = run.world[task].pid.value();
  const std::int32_t inner = kernel::task_pid_vnr(run.world, task).value();
  return outer == inner ? fmt::format("{}", outer) : fmt::format("{}, inside {}", outer, inner);
}

std::string timer_of(const World& world, TaskIndex task) {
  const RealTimer& timer = world.signal_of(task).real_timer;
  if (timer.expires == 0) return "none";
  const std::uint64_t left = timer.expires - std::min(timer.expires, world.clock);
  return fmt::format("in {} ms", left);
}

/// Of the whole process, and told once, with its leader: whose it is, until it is gone.
void add_relations(const Run& run, TaskIndex task, std::vector<Trait>& all) {
  const World& world = run.world;
  const SignalStruct& group = world.signal_of(task);
  const TaskIndex parent = world[task].real_parent;
  all.push_back({"parent", name_of(run, parent ? world.leader(parent) : parent), !parent});
  all.push_back({"group", whose_group(run, group.pgrp.value()), group.pgrp == Pgid()});
  all.push_back({"session", whose_group(run, group.session.value()), group.session == Sid()});
  all.push_back({"threads", fmt::format("{}", group.nr_threads), group.nr_threads <= 1});
}

/// And what it has, while it lives.
void add_possessions(const World& world, TaskIndex task, std::vector<Trait>& all) {
  const SignalStruct& group = world.signal_of(task);
  const SighandStruct& handlers = world[world[task].sighand];
  const std::string tty =
      group.tty_struct ? fmt::format("tty {}", group.tty_struct.place()) : std::string("none");
  all.push_back({"terminal", tty, !group.tty_struct});
  all.push_back({"subreaper", group.child_subreaper ? "yes" : "no", !group.child_subreaper});
  all.push_back(set_trait("ignores", handlers.ignored));
  all.push_back(set_trait("catches", handlers.caught));
  all.push_back(set_trait("pending for all", group.shared_pending.signal));
  const std::string timer = timer_of(world, task);
  all.push_back({"timer", timer, timer == "none"});
  const std::string open = descriptors_of(world, task);
  all.push_back({"open", open, open == "none"});
}

/// Of each thread.
void add_own(const Run& run, TaskIndex task, std::vector<Trait>& all) {
  const World& world = run.world;
  const bool traced = world[task].ptrace.traced;
  all.push_back({"tracer", traced ? name_of(run, world[task].parent) : "nobody", !traced});
  const std::string user = user_of(world, task);
  all.push_back({"user", user, user == "0"});
  all.push_back(set_trait("blocks", world[task].blocked));
  all.push_back(set_trait("pending", world[task].pending.signal));
  const std::string handlers = handlers_of(world, task);
  all.push_back({"in handlers", handlers, handlers == "none"});
}

std::string lock_text(const Run& run, const RobustLock& lock) {
  std::string text = lock.owner ? "held by " + name_of(run, lock.owner) : "free";
  if (lock.owner_died) text += ", its owner died";
  return text;
}

Shared tty_object(const Run& run, std::size_t number) {
  const Tty& tty = run.world.ttys[number];
  return {fmt::format("tty {}", number),
          {{"session", whose_group(run, tty.session.value()), tty.session == Sid()},
           {"foreground", whose_group(run, tty.foreground.value()), tty.foreground == Pgid()},
           {"line", tty.hung_up ? "dropped" : "up", !tty.hung_up},
           {"unread", fmt::format("{}", tty.bytes), tty.bytes == 0}}};
}

void add_changes(const std::string& who, const std::vector<Trait>& before,
                 const std::vector<Trait>& after, std::vector<Change>& all) {
  for (const Trait& now : after) {
    const auto was = std::ranges::find(before, std::string_view(now.what), &Trait::what);
    if (was == before.end()) {
      if (!now.usual) all.push_back({who, now.what, "", now.is});
    } else if (was->is != now.is) {
      all.push_back({who, now.what, was->is, now.is});
    }
  }
}

}  // namespace

std::vector<Trait> traits(const Run& run, TaskIndex task) {
  const World& world = run.world;
  std::vector<Trait> all;
  all.push_back({"state", print(script::doing_fact(world, task))});
  const Doing doing = script::doing(world, task);
  if (doing == Doing::gone) return all;
  all.push_back({"pid", number_text(run, task)});
  const bool leader = world.leader(task) == task;
  if (leader) add_relations(run, task, all);
  if (doing == Doing::zombie) return all;
  if (leader) add_possessions(world, task, all);
  add_own(run, task, all);
  return all;
}

std::vector<Shared> shared_objects(const Run& run) {
  const World& world = run.world;
  std::vector<Shared> all;
  all.reserve(world.ttys.size() + world.robust_locks.size() + world.semaphores.size() + 1);
  for (std::size_t i = 0; i < world.ttys.size(); ++i) all.push_back(tty_object(run, i));
  for (std::size_t i = 0; i < world.robust_locks.size(); ++i) {
    const RobustLock& lock = world.robust_locks[i];
    all.push_back({fmt::format("lock {}", i),
                   {{"state", lock_text(run, lock), !lock.owner && !lock.owner_died}}});
  }
  for (std::size_t i = 0; i < world.semaphores.size(); ++i) {
    const int value = world.semaphores[i];
    all.push_back(
        {fmt::format("semaphore {}", i), {{"value", fmt::format("{}", value), value == 0}}});
  }
  all.push_back(
      {"segment", {{"attached", fmt::format("{}", world.shm_attached), world.shm_attached == 0}}});
  return all;
}

std::vector<Change> changes(const Run& before, const Run& after) {
  std::vector<Change> all;
  for (std::size_t place = 0; place < before.world.tasks.size(); ++place) {
    const TaskIndex task(place);
    if (script::doing(before.world, task) == Doing::gone) continue;
    std::vector<Trait> now = traits(after, task);
    const bool ended = now.size() == 1 || script::doing(after.world, task) == Doing::zombie;
    if (ended) now.resize(1);  // what went with it is plain
    add_changes(name_of(after, task), traits(before, task), now, all);
  }
  const std::vector<Shared> objects = shared_objects(before);
  for (const Shared& now : shared_objects(after)) {
    const auto was = std::ranges::find(objects, now.name, &Shared::name);
    add_changes(now.name, was == objects.end() ? std::vector<Trait>() : was->traits, now.traits,
                all);
  }
  return all;
}

}  // namespace knell::report
