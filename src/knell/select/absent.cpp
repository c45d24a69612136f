#include "knell/select/absent.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "knell/select/name.hpp"

namespace knell::select {
namespace {

constexpr std::size_t kMostNames = 3;

/// A name that is shown for a hint must not be able to write on a terminal.
bool is_plain(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; });
}

/// "there are 'sshd', 'sshfs'": names of processes that begin with the one typed, then such as have
/// it inside.
std::string names_like(const World& world, std::span<const TaskIndex> processes,
                       std::string_view typed) {
  std::set<std::pair<bool, std::string_view>> found;  // whether it is only inside, the name
  for (const TaskIndex process : processes)
    for (const std::string_view name :
         {std::string_view(world[process].comm), base_name(world.details_of(process).exe)})
      if (const std::size_t at = name.find(typed); at != name.npos && is_plain(name)) {
        found.emplace(at != 0, name);
        if (found.size() > kMostNames) found.erase(std::prev(found.end()));
      }
  std::string list;
  for (const auto& [inside, name] : found)
    list += fmt::format("{}'{}'", list.empty() ? "" : ", ", name);
  if (list.empty()) return {};
  return fmt::format("there {} {}", found.size() == 1 ? "is" : "are", list);
}

bool is_udp(const Socket& socket) {
  return socket.protocol == Protocol::udp || socket.protocol == Protocol::udp6;
}
bool is_listening_tcp(const Socket& socket) {
  return (socket.protocol == Protocol::tcp || socket.protocol == Protocol::tcp6) &&
         socket.state == SocketState::listening;
}

/// For kinds that need a look into each process: it may be one that could not be looked into.
std::string unread_hint(const World& world) {
  return world.unread.empty() ? "" : "not every process could be looked into: try as root";
}

std::string_view protocol_of(const Target& target) {
  return target.udp ? "udp" : "tcp";
}

Error no_port(const World& world, const Target& target) {
  const bool other_has_it = std::ranges::any_of(world.sockets, [&](const Socket& socket) {
    return socket.local_port == target.number &&
           (target.udp ? is_listening_tcp(socket) : is_udp(socket));
  });
  return absent(fmt::format("no process listens on {} port {}", protocol_of(target), target.number),
                other_has_it ? fmt::format("one does on port:{}/{}", target.number,
                                           target.udp ? "tcp" : "udp")
                             : "");
}

}  // namespace

Error absent(std::string sentence, std::string hint) {
  return {.number = ESRCH, .action = {}, .object = std::move(sentence), .hint = std::move(hint)};
}

Error nothing_named(const World& world, std::span<const TaskIndex> processes, const Target& target,
                    bool full) {
  const std::string& text = target.text;
  switch (target.kind) {
    case Target::Kind::pid:
      return absent(fmt::format("there is no process {}", target.number));
    case Target::Kind::name:
      return absent(fmt::format("no process is called '{}'", text),
                    names_like(world, processes, text));
    case Target::Kind::regex:
      if (full) return absent(fmt::format("no command line matches {}", target.typed));
      return absent(fmt::format("no process has a name that matches {}", target.typed),
                    "--full looks at whole command lines");
    case Target::Kind::user:
      return absent(fmt::format("no process runs as user {}", text), unread_hint(world));
    case Target::Kind::group:
      return absent(fmt::format("there is no process group {}", target.number));
    case Target::Kind::session:
      return absent(fmt::format("there is no session {}", target.number));
    case Target::Kind::terminal:
      return absent(fmt::format("no process has the terminal {}", text));
    case Target::Kind::port:
      return no_port(world, target);
    case Target::Kind::file:
      return absent(fmt::format("no process has {} open or mapped", text), unread_hint(world));
    case Target::Kind::cgroup:
      return absent(fmt::format("no process is in the cgroup {}", text), unread_hint(world));
    case Target::Kind::unit:
      return absent(fmt::format("no process is in the unit {}", text));
    case Target::Kind::exe:
      return absent(fmt::format("no process runs {}", text), unread_hint(world));
    case Target::Kind::pidfile:
      break;  // always has a reason of its own
  }
  return absent(fmt::format("'{}' names no process", target.typed));
}

Error is_a_thread(const World& world, TaskIndex thread) {
  const auto process = world.id(thread).pid.value();
  return absent(fmt::format("{} is a thread of process {}", world[thread].pid.value(), process),
                fmt::format("threads end with their process: name {}", process));
}

Error port_without_process(const Target& target) {
  return absent(fmt::format("something listens on {} port {}, but no process that could be looked "
                            "into has it open",
                            protocol_of(target), target.number),
                "try as root; it may also be the kernel's own");
}

}  // namespace knell::select
