#include "knell/select/find.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "knell/select/absent.hpp"
#include "knell/select/name.hpp"

namespace knell::select {
namespace {

/// One target's search. Each function is a kind of target.
struct Search {
  const World& world;
  std::span<const TaskIndex> processes;
  const Target& target;
  const Answers& answers;

  template <class Condition>
  Finding all_where(Condition holds) const {
    Finding finding;
    for (const TaskIndex process : processes)
      if (holds(process)) finding.named.push_back(process);
    return finding;
  }

  static Finding none(Error why) { return {.why_none = std::move(why)}; }
  static Finding no_answer(Error why) { return {.why_none = std::move(why), .unanswered = true}; }

  Finding pid() const {
    const TaskIndex task = world.find(Pid(target.number));
    if (!task) return none(absent(fmt::format("there is no process {}", target.number)));
    if (world.leader(task) != task) return none(is_a_thread(world, task));
    return {.named = {task}};
  }

  Result<Finding> regex(bool full) const {
    Pattern pattern = KNELL_TRY(Pattern::compile(target));
    if (full)
      return all_where([&](TaskIndex each) { return pattern.in_command_line(world, each); });
    return all_where([&](TaskIndex each) { return pattern.in_names(world, each); });
  }

  Finding user() const {
    const Result<Uid> uid = answer_to(answers.users, target.text);
    if (!uid) return no_answer(uid.error());
    return all_where([&](TaskIndex each) {
      const CredIndex cred = world[each].cred;
      return cred && world[cred].euid == *uid;
    });
  }

  Finding terminal() const {
    const Result<std::uint32_t> device = answer_to(answers.terminals, target.text);
    if (!device) return no_answer(device.error());
    if (*device == 0) return {};  // what every process without a terminal has
    return all_where([&](TaskIndex each) { return world.signal_of(each).tty == *device; });
  }

  /// Who listens; a UDP socket has no such state, and one that is bound can be sent to.
  bool serves(const Socket& socket) const {
    if (socket.local_port != target.number || socket.inode == Inode{}) return false;
    if (target.udp) return socket.protocol == Protocol::udp || socket.protocol == Protocol::udp6;
    return (socket.protocol == Protocol::tcp || socket.protocol == Protocol::tcp6) &&
           socket.state == SocketState::listening;
  }

  Finding port() const {
    std::vector<std::uint64_t> inodes;  // ascending, as World::sockets are
    for (const Socket& socket : world.sockets)
      if (serves(socket)) inodes.push_back(socket.inode.value());
    if (inodes.empty()) return {};
    Finding finding = all_where([&](TaskIndex each) {
      const FilesIndex files = world[each].files;
      return files && std::ranges::any_of(world[files].open, [&](const OpenFile& open) {
               return open.kind == FileKind::socket &&
                      std::ranges::binary_search(inodes, open.id.inode);
             });
    });
    finding.why_none = port_without_process(target);
    return finding;
  }

  Finding file() const {
    const Result<FileId> id = answer_to(answers.files, target.text);
    if (!id) return no_answer(id.error());
    if (*id == FileId{}) return {};  // what an entry has whose file is not known
    return all_where([&](TaskIndex each) {
      const FilesIndex files = world[each].files;
      return files &&
             (std::ranges::find(world[files].open, *id, &OpenFile::id) != world[files].open.end() ||
              std::ranges::find(world[files].mapped, *id, &OpenFile::id) !=
                  world[files].mapped.end());
    });
  }

  /// Of a file that was deleted only the path is left to compare.
  Finding exe() const {
    const Result<FileId> id = answer_to(answers.files, target.text);
    Finding finding = all_where([&](TaskIndex each) {
      const Details& details = world.details_of(each);
      return details.exe == target.text || (id && *id != FileId{} && details.exe_id == *id);
    });
    return finding.named.empty() && !id ? no_answer(id.error()) : finding;
  }

  Finding in_cgroup(const std::string& path) const {
    if (path.empty() || path == "/") return {};  // the root is every process: never meant
    return all_where([&](TaskIndex each) {
      const std::string& cgroup = world.details_of(each).cgroup;
      return cgroup.starts_with(path) &&
             (cgroup.size() == path.size() || cgroup[path.size()] == '/');
    });
  }

  Finding unit() const {
    const Result<std::string> cgroup = answer_to(answers.units, target.text);
    return cgroup ? in_cgroup(*cgroup) : no_answer(cgroup.error());
  }

  /// A daemon writes its file after its own start. Both times are rounded to ticks, and a file's
  /// time is that of the last tick (current_time(), fs/inode.c), so one tick decides nothing.
  Finding pidfile() const {
    const Result<PidFile> file = answer_to(answers.pidfiles, target.text);
    if (!file) return no_answer(file.error());
    const auto stale = [&](std::string_view because) {
      return none(absent(fmt::format("{} is stale: {}", target.text, because)));
    };
    const auto pid = file->pid.value();
    const TaskIndex task = world.find(file->pid);
    if (!task) return stale(fmt::format("there is no process {}", pid));
    if (world.leader(task) != task) return stale(fmt::format("{} is a thread by now", pid));
    if (is_stale(*file, world.signal_of(task).start))
      return stale(fmt::format("process {} started after it was written", pid));
    return {.named = {task}};
  }

  Result<Finding> run(bool full) const {
    switch (target.kind) {
      case Target::Kind::pid:
        return pid();
      case Target::Kind::name:
        return all_where([&](TaskIndex each) { return has_name(world, each, target.text); });
      case Target::Kind::regex:
        return regex(full);
      case Target::Kind::user:
        return user();
      case Target::Kind::group:
        return all_where(
            [&](TaskIndex each) { return world.signal_of(each).pgrp == Pgid(target.number); });
      case Target::Kind::session:
        return all_where(
            [&](TaskIndex each) { return world.signal_of(each).session == Sid(target.number); });
      case Target::Kind::terminal:
        return terminal();
      case Target::Kind::port:
        return port();
      case Target::Kind::file:
        return file();
      case Target::Kind::cgroup:
        return in_cgroup(target.text);
      case Target::Kind::unit:
        return unit();
      case Target::Kind::pidfile:
        return pidfile();
      case Target::Kind::exe:
        return exe();
    }
    return Finding{};
  }
};

}  // namespace

Result<Finding> find_named(const World& world, std::span<const TaskIndex> processes,
                           const Target& target, bool full, const Answers& answers) {
  Finding finding = KNELL_TRY((Search{world, processes, target, answers}.run(full)));
  if (finding.named.empty() && finding.why_none == Error{})
    finding.why_none = nothing_named(world, processes, target, full);
  return finding;
}

}  // namespace knell::select
