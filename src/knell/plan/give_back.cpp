#include <set>
#include <tuple>
#include <type_traits>

#include "knell/plan/predict.hpp"

namespace knell::plan {
namespace {

void add_sockets(Forecast& forecast, const ProcessForecast& process, const FilesStruct& files) {
  for (const OpenFile& file : files.open) {
    if (file.kind != FileKind::socket) continue;
    const Socket* socket = forecast.before.find_socket(Inode(file.id.inode));
    if (socket == nullptr) continue;
    const bool udp = socket->protocol == Protocol::udp || socket->protocol == Protocol::udp6;
    if (socket->state == SocketState::listening || (udp && socket->local_port != 0))
      forecast.ports.push_back({socket->protocol,
                                socket->local_address,
                                socket->local_port,
                                process.id,
                                {},
                                socket->inode});
    else if (socket->state == SocketState::established)
      forecast.connections.push_back({socket->protocol, socket->local_address, socket->local_port,
                                      socket->remote_address, socket->remote_port, process.id});
  }
}

void add_locks(Forecast& forecast, const ProcessForecast& process) {
  const World& world = forecast.before;
  for (const FileLock& lock : world.locks) {
    if (lock.holder != process.id.pid) continue;
    LockFreed freed{lock, {}, process.id};
    if (const FilesIndex files = world[process.task].files)
      for (const OpenFile& file : world[files].open)
        if (file.id == lock.file) freed.path = file.path;
    forecast.locks.push_back(std::move(freed));
  }
}

/// A socket that several planned processes share is one port: the first of them has it.
template <class List, class Key>
void once_each(List& list, Key key) {
  std::set<std::invoke_result_t<Key, const typename List::value_type&>> seen;
  std::erase_if(list, [&](const auto& item) { return !seen.insert(key(item)).second; });
}

}  // namespace

void give_back(Forecast& forecast) {
  const World& world = forecast.before;
  for (ProcessForecast& process : forecast.processes) {
    const Task& task = world[process.task];
    if (task.mm) process.private_bytes = world[task.mm].private_bytes;
    if (task.files) {
      process.open_files = world[task.files].open.size();
      add_sockets(forecast, process, world[task.files]);
    }
    add_locks(forecast, process);
    if (process.ends) {
      forecast.private_bytes += process.private_bytes;
      forecast.open_files += process.open_files;
    }
  }
  once_each(forecast.ports, [](const PortFreed& port) { return port.socket; });
  once_each(forecast.connections, [](const ConnectionLost& lost) {
    return std::tuple(lost.local_port, lost.remote_port, lost.local_address, lost.remote_address);
  });
}

}  // namespace knell::plan
