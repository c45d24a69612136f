#include "knell/live/proc_net.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "any_bytes.hpp"
#include "knell/live/fd.hpp"
#include "knell/live/proc_fs.hpp"

namespace knell::live {
namespace {

Inode inode_of(const Fd& socket) {
  struct stat about{};
  EXPECT_EQ(fstat(socket.get(), &about), 0);
  return Inode(about.st_ino);
}

/// The socket as the kernel's table has it.
Socket found(const Fd& socket, const char* table, Protocol protocol) {
  ProcReader proc(AT_FDCWD);
  const auto text = proc.whole((std::string("/proc/self/net/") + table).c_str());
  EXPECT_TRUE(text);
  std::vector<Socket> sockets;
  const std::vector<Inode> only{inode_of(socket)};
  if (text) parse_net_table(*text, protocol, &only, sockets);
  EXPECT_EQ(sockets.size(), 1U) << table;
  return sockets.empty() ? Socket{} : sockets.front();
}

Fd bound(int family, int type, const char* address) {
  Fd made(socket(family, type | SOCK_CLOEXEC, 0));
  sockaddr_in four{.sin_family = AF_INET};
  sockaddr_in6 six{.sin6_family = AF_INET6};
  if (family == AF_INET) {
    EXPECT_EQ(inet_pton(AF_INET, address, &four.sin_addr), 1);
    EXPECT_EQ(bind(made.get(), reinterpret_cast<sockaddr*>(&four), sizeof four), 0);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, address, &six.sin6_addr), 1);
    EXPECT_EQ(bind(made.get(), reinterpret_cast<sockaddr*>(&six), sizeof six), 0);
  }
  return made;
}

std::uint16_t port_of(const Fd& socket) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  EXPECT_EQ(getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
  sockaddr_in four{};
  std::memcpy(&four, &name, sizeof four);  // the port is at the same place in both families
  return ntohs(four.sin_port);
}

TEST(ProcNet, AListeningTcpSocketIsFoundUnderItsAddress) {
  const Fd server = bound(AF_INET, SOCK_STREAM, "127.0.0.1");
  ASSERT_EQ(listen(server.get(), 1), 0);
  const Socket socket = found(server, "tcp", Protocol::tcp);
  EXPECT_EQ(socket.local_address, "127.0.0.1");
  EXPECT_EQ(socket.local_port, port_of(server));
  EXPECT_EQ(socket.state, SocketState::listening);
  EXPECT_EQ(socket.remote_address, "0.0.0.0");
}

TEST(ProcNet, BothEndsOfAConnectionKnowEachOther) {
  const Fd server = bound(AF_INET, SOCK_STREAM, "127.0.0.1");
  ASSERT_EQ(listen(server.get(), 1), 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(getsockname(server.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const Fd client(socket(AF_INET, SOCK_STREAM, 0));
  ASSERT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  const Fd accepted(accept(server.get(), nullptr, nullptr));
  ASSERT_TRUE(accepted.valid());

  const Socket near = found(client, "tcp", Protocol::tcp);
  const Socket far = found(accepted, "tcp", Protocol::tcp);
  EXPECT_EQ(near.state, SocketState::established);
  EXPECT_EQ(far.state, SocketState::established);
  EXPECT_EQ(near.remote_port, port_of(server));
  EXPECT_EQ(far.remote_port, port_of(client));
}

TEST(ProcNet, SixthVersionAddressesReadAsInetNtopWritesThem) {
  for (const char* address : {"::1", "::"}) {
    const Fd server = bound(AF_INET6, SOCK_STREAM, address);
    ASSERT_EQ(listen(server.get(), 1), 0);
    const Socket socket = found(server, "tcp6", Protocol::tcp6);
    EXPECT_EQ(socket.local_address, address);
    EXPECT_EQ(socket.local_port, port_of(server));
  }
}

TEST(ProcNet, AUdpSocketWithoutAPeerTakesWhatComes) {
  const Fd four = bound(AF_INET, SOCK_DGRAM, "127.0.0.1");
  const Socket socket = found(four, "udp", Protocol::udp);
  EXPECT_EQ(socket.state, SocketState::listening);
  EXPECT_EQ(socket.local_port, port_of(four));
  const Fd six = bound(AF_INET6, SOCK_DGRAM, "::1");
  EXPECT_EQ(found(six, "udp6", Protocol::udp6).local_address, "::1");
}

TEST(ProcNet, AnAbstractUnixSocketBeginsWithAnAt) {
  const Fd server(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{.sun_family = AF_UNIX};
  const std::string name = "knell test " + std::to_string(getpid());
  name.copy(address.sun_path + 1, name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  ASSERT_EQ(bind(server.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(server.get(), 1), 0);
  const Socket socket = found(server, "unix", Protocol::unix_stream);
  EXPECT_EQ(socket.local_address, "@" + name);
  EXPECT_EQ(socket.state, SocketState::listening);
}

// The example of the kernel's Documentation/networking/proc_net_tcp.rst is on a little-endian
// machine, as are all that knell knows; so is 2001:db8::1 here.
TEST(ProcNet, WordsOfAnAddressAreNumbersOfTheMachine) {
  std::vector<Socket> sockets;
  parse_net_table(
      "headings\n   0: B80D0120000000000000000001000000:1F90 00000000000000000000000000000000:0000 "
      "0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n",
      Protocol::tcp6, nullptr, sockets);
  ASSERT_EQ(sockets.size(), 1U);
  EXPECT_EQ(sockets[0].local_address, "2001:db8::1");
  EXPECT_EQ(sockets[0].local_port, 8080);
  EXPECT_EQ(sockets[0].inode, Inode(4711));
}

TEST(ProcNet, SocketsOfNobodyAreLeftOut) {
  std::vector<Socket> sockets;
  parse_net_table("headings\n 0: 0100007F:1F90 0100007F:0050 06 0:0 03:0 0 0 0 0 3 0\n",
                  Protocol::tcp, nullptr, sockets);
  EXPECT_TRUE(sockets.empty()) << "TIME_WAIT has no inode";
}

TEST(ProcNet, NoBytesUpsetIt) {
  EXPECT_TRUE(rc::check([] {
    const auto text =
        *test::mangled({"\n", " 0: ", "0100007F:1F90 ", "00000000000000000000000000000000:0000 ",
                        "0A ", "00000000:00000000 ", "00000000 ", "0 ", "4711 ",
                        "0000: 00000002 00000000 00010000 0001 01 5 "});
    for (const NetTable& table : kNetTables) {
      std::vector<Socket> sockets;
      parse_net_table(text, table.protocol, nullptr, sockets);
      for (const Socket& socket : sockets) RC_ASSERT(socket.inode != Inode{});
    }
  }));
}

}  // namespace
}  // namespace knell::live
