#include "zoo/message.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "zoo/json.hpp"
#include "zoo/life.hpp"

namespace knell::zoo {
namespace {

constexpr std::size_t kLongest = 128 << 10;  // bytes of a message; what a killer says is cut

union Control {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(ucred))> bytes;
};

void send(int channel, std::string text, pid_t pid) {
  Control control{};
  iovec part{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control.bytes;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_CREDENTIALS;
  header->cmsg_len = CMSG_LEN(sizeof(ucred));
  const ucred who{pid, ::geteuid(), ::getegid()};
  std::memcpy(CMSG_DATA(header), &who, sizeof who);
  if (::sendmsg(channel, &message, MSG_NOSIGNAL) < 0) give_up("tell the keeper");
}

}  // namespace

std::pair<int, int> make_channel() {
  std::array<int, 2> ends{};
  const int yes = 1;
  const int size = 2 * static_cast<int>(kLongest);
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0 ||
      ::setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0 ||
      ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0)
    give_up("make a pair of sockets");
  return {ends[0], ends[1]};
}

void send_pid(int channel, pid_t pid) {
  send(channel, "pid", pid);
}

void send_outcome(int channel, const Outcome& outcome) {
  Outcome cut = outcome;
  cut.said.resize(std::min(cut.said.size(), kLongest / 8));  // a byte may become six
  send(channel, to_json(cut).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
       ::getpid());
}

Message receive(int channel) {
  std::vector<char> bytes(kLongest);
  Control control{};
  iovec part{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control.bytes;
  const ssize_t got = ::recvmsg(channel, &message, 0);
  if (got <= 0) return {};
  const std::string text(bytes.data(), static_cast<std::size_t>(got));
  if (text != "pid") return {.outcome = outcome_from(nlohmann::json::parse(text))};
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  ucred who{};
  if (header != nullptr) std::memcpy(&who, CMSG_DATA(header), sizeof who);
  return {.pid = who.pid};
}

}  // namespace knell::zoo
