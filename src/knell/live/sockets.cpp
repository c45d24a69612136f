#include "knell/live/sockets.hpp"

#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "knell/live/proc_locks.hpp"
#include "knell/live/proc_net.hpp"

namespace knell::live {
namespace {

/// Reads the tables below `net` ("self/net/", "77/net/"). A table that is not there is empty: a
/// kernel may be built without IPv6. False if there was none at all: whose they are has ended.
Result<bool> read_tables(ProcReader& proc, const std::string& net, const std::vector<Inode>* only,
                         std::vector<Socket>& sockets) {
  bool any = false;
  for (const NetTable& table : kNetTables) {
    const std::string path = net + table.file;
    const auto text = proc.whole(path.c_str());
    if (!text && exhausted(text.error())) return failure(text.error(), "read", "/proc/" + path);
    if (!text) continue;
    any = true;
    parse_net_table(*text, table.protocol, only, sockets);
  }
  return any;
}

/// What is known of a socket already is older.
void add_sockets(World& world, std::vector<Socket>&& sockets) {
  std::ranges::sort(sockets, {}, &Socket::inode);
  std::erase_if(world.sockets, [&](const Socket& known) {
    return std::ranges::binary_search(sockets, known.inode, {}, &Socket::inode);
  });
  std::ranges::move(sockets, std::back_inserter(world.sockets));
  std::ranges::sort(world.sockets, {}, &Socket::inode);
}

std::vector<Inode> sockets_held(const World& world, std::span<const TaskIndex> leaders) {
  std::vector<Inode> held;
  for (const TaskIndex leader : leaders) {
    if (!world[leader].files) continue;
    for (const OpenFile& file : world[world[leader].files].open)
      if (file.kind == FileKind::socket) held.emplace_back(file.id.inode);
  }
  std::ranges::sort(held);
  const auto repeated = std::ranges::unique(held);
  held.erase(repeated.begin(), repeated.end());
  return held;
}

/// /proc/locks names the file system's own device (s_dev), stat(2) may show another (btrfs,
/// overlayfs: major 0). The holder has the file open, and by its inode it is found.
void correct_device(const World& world, TaskIndex holder, FileLock& lock) {
  if (major(lock.file.device) != 0 || !world[holder].files) return;
  for (const OpenFile& file : world[world[holder].files].open)
    if (file.id.inode == lock.file.inode && file.kind == FileKind::regular) lock.file = file.id;
}

}  // namespace

Result<void> read_own_sockets(ProcReader& proc, World& world) {
  std::vector<Socket> sockets;
  KNELL_TRY(read_tables(proc, "self/net/", nullptr, sockets));
  add_sockets(world, std::move(sockets));
  return {};
}

Result<void> read_sockets_of(ProcReader& proc, World& world, std::span<const TaskIndex> leaders) {
  const std::vector<Inode> held = sockets_held(world, leaders);
  if (held.empty()) return {};
  const auto link = proc.link("self/ns/net");
  const NamespaceId own(link ? inode_in_link(*link, "net") : 0);
  std::map<NamespaceId, std::vector<Pid>> elsewhere;
  for (const TaskIndex leader : leaders) {
    const NamespaceId net = world.details_of(leader).net_ns;
    if (net != own && net != NamespaceId{}) elsewhere[net].push_back(world[leader].pid);
  }

  std::vector<Socket> sockets;
  KNELL_TRY(read_tables(proc, "self/net/", &held, sockets));
  for (const auto& [net, pids] : elsewhere)
    for (const Pid pid : pids)  // one is as good as another, as long as it lives
      if (KNELL_TRY(read_tables(proc, std::to_string(pid.value()) + "/net/", &held, sockets)))
        break;
  add_sockets(world, std::move(sockets));
  return {};
}

Result<void> read_locks_of(ProcReader& proc, World& world, std::span<const TaskIndex> leaders) {
  const auto text = proc.whole("locks");
  if (!text && exhausted(text.error())) return failure(text.error(), "read", "/proc/locks");
  if (!text) return {};  // a /proc without it: mounted with subset=pid, or an old container's
  for (FileLock lock : parse_locks(*text)) {
    const TaskIndex task = lock.holder != Pid{} ? world.find(lock.holder) : TaskIndex{};
    if (!task) continue;
    const TaskIndex holder = world.leader(task);
    if (!std::ranges::binary_search(leaders, holder)) continue;
    correct_device(world, holder, lock);
    if (std::ranges::find(world.locks, lock) == world.locks.end()) world.locks.push_back(lock);
  }
  return {};
}

}  // namespace knell::live
