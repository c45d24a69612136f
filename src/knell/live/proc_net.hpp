#pragma once

/// /proc/net/{tcp,tcp6,udp,udp6,unix}: get_tcp4_sock() of net/ipv4/tcp_ipv4.c and its siblings,
/// unix_seq_show() of net/unix/af_unix.c.

#include <span>
#include <string_view>
#include <vector>

#include "knell/world/world.hpp"

namespace knell::live {

/// The protocols that World knows, and the names of their tables.
struct NetTable {
  const char* file;
  Protocol protocol;
};
inline constexpr NetTable kNetTables[] = {{"tcp", Protocol::tcp},
                                          {"tcp6", Protocol::tcp6},
                                          {"udp", Protocol::udp},
                                          {"udp6", Protocol::udp6},
                                          {"unix", Protocol::unix_stream}};

/// Appends the table's sockets to `sockets`: all, or those whose inode is in `only` (ascending).
/// Those that belong to no process any more (inode 0: TIME_WAIT and the like) are left out.
/// A UDP socket without a peer counts as listening: it takes what comes.
void parse_net_table(std::string_view text, Protocol protocol, const std::vector<Inode>* only,
                     std::vector<Socket>& sockets);

}  // namespace knell::live
