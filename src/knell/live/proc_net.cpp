#include "knell/live/proc_net.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

// include/net/tcp_states.h, include/linux/net.h, include/uapi/linux/net.h, asm-generic/socket.h
constexpr unsigned kTcpEstablished = 1;
constexpr unsigned kTcpClose = 7;
constexpr unsigned kTcpListen = 10;
constexpr unsigned kSsConnected = 3;
constexpr unsigned kSockStream = 1;
constexpr std::uint32_t kSoAcceptCon = 0x10000;

struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
};

/// "0100007F:1F90": the address is what the kernel holds in network order, printed 32 bits at a
/// time as if they were numbers of this machine; the port is a plain number.
std::optional<Endpoint> parse_endpoint(std::string_view text, int family) {
  std::string_view address = take(text, ':');
  const auto port = number<std::uint16_t>(text, 16);
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = family == AF_INET ? 1 : words.size();
  if (!port || address.size() != count * 8) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    const auto word = number<std::uint32_t>(address.substr(i * 8, 8), 16);
    if (!word) return std::nullopt;
    words[i] = *word;
  }
  std::array<char, INET6_ADDRSTRLEN> shown{};
  inet_ntop(family, words.data(), shown.data(), shown.size());
  return Endpoint{shown.data(), *port};
}

SocketState inet_state(unsigned state, Protocol protocol) {
  const bool udp = protocol == Protocol::udp || protocol == Protocol::udp6;
  if (state == kTcpEstablished) return SocketState::established;
  if (state == (udp ? kTcpClose : kTcpListen)) return SocketState::listening;
  return SocketState::other;
}

/// sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
std::optional<Socket> parse_inet(std::string_view line, Protocol protocol) {
  std::array<std::string_view, 10> words;
  for (std::string_view& word : words) word = take_word(line);
  const auto inode = number<std::uint64_t>(words[9]);
  const auto state = number<unsigned>(words[3], 16);
  if (!inode || !state) return std::nullopt;

  const bool six = protocol == Protocol::tcp6 || protocol == Protocol::udp6;
  auto local = parse_endpoint(words[1], six ? AF_INET6 : AF_INET);
  auto remote = parse_endpoint(words[2], six ? AF_INET6 : AF_INET);
  if (!local || !remote) return std::nullopt;
  return Socket{.inode = Inode(*inode),
                .protocol = protocol,
                .state = inet_state(*state, protocol),
                .local_address = std::move(local->address),
                .local_port = local->port,
                .remote_address = std::move(remote->address),
                .remote_port = remote->port};
}

/// Num RefCount Protocol Flags Type St Inode [Path]. The path is the rest of the line, blanks too.
std::optional<Socket> parse_unix(std::string_view line) {
  std::array<std::string_view, 7> words;
  for (std::string_view& word : words) word = take_word(line);
  const auto inode = number<std::uint64_t>(words[6]);
  if (!inode || number<unsigned>(words[4], 16) != kSockStream) return std::nullopt;

  Socket socket{.inode = Inode(*inode), .protocol = Protocol::unix_stream};
  if ((number_or_zero<std::uint32_t>(words[3], 16) & kSoAcceptCon) != 0)
    socket.state = SocketState::listening;
  else if (number<unsigned>(words[5], 16) == kSsConnected)
    socket.state = SocketState::established;
  if (!line.empty()) socket.local_address = line.substr(1);
  return socket;
}

}  // namespace

void parse_net_table(std::string_view text, Protocol protocol, const std::vector<Inode>* only,
                     std::vector<Socket>& sockets) {
  take_line(text);  // the headings
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    auto socket = protocol == Protocol::unix_stream ? parse_unix(line) : parse_inet(line, protocol);
    if (!socket || socket->inode == Inode{}) continue;
    if (only != nullptr && !std::ranges::binary_search(*only, socket->inode)) continue;
    sockets.push_back(std::move(*socket));
  }
}

}  // namespace knell::live
