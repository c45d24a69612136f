#include <fcntl.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "knell/live/text.hpp"
#include "knell/supervise/namespace_init.hpp"
#include "knell/supervise/place.hpp"

namespace knell::supervise {
namespace {

using live::Fd;

struct Told {
  std::optional<Tiding> tiding;
  Fd pidfd;
  bool over = false;  ///< nobody is left to tell anything
};

Told receive(int socket, int flags) {
  Told told;
  Tiding tiding;
  iovec part{.iov_base = &tiding, .iov_len = sizeof tiding};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  ssize_t got = 0;
  do got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
  while (got < 0 && errno == EINTR);
  told.over = got == 0;
  if (got != sizeof tiding) return told;
  told.tiding = tiding;
  if (const cmsghdr* const head = CMSG_FIRSTHDR(&message); head != nullptr) {
    int pidfd = -1;
    std::memcpy(&pidfd, CMSG_DATA(head), sizeof pidfd);
    told.pidfd = Fd(pidfd);
  }
  return told;
}

/// Which number a pidfd's process has here: proc_pid_fdinfo(5).
Pid number_of(int pidfd) {
  live::ProcReader reader(AT_FDCWD);
  const auto text = reader.whole(fmt::format("/proc/self/fdinfo/{}", pidfd).c_str());
  for (std::string_view rest = text.value_or(""); !rest.empty();) {
    std::string_view line = live::take_line(rest);
    if (live::take_word(line) == "Pid:")
      return Pid(live::number_or_zero<std::int32_t>(live::take_word(line)));
  }
  return {};
}

class InPidNamespace : public Place {
public:
  [[nodiscard]] Enclosure kind() const override { return Enclosure::pid_namespace; }
  [[nodiscard]] std::string where() const override { return amiss_; }

  [[nodiscard]] Result<void> start(Launch& launch, bool keep) override {
    // Of no number would come 0, which in a pid file names its reader's process group (kill(2)).
    if (::access("/proc/self/fdinfo", X_OK) != 0)
      return failure(errno, "learn who the command is from", "/proc/self/fdinfo");
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
      return failure(errno, "make", "a pair of sockets");
    socket_ = Fd(ends[0]);
    Fd inner(ends[1]);
    InitSettings settings{
        .socket = inner.get(), .user = ::geteuid(), .group = ::getegid(), .keep = keep};
    const pid_t init = make_init(settings, launch);
    if (init < 0) return failure(errno, "make", "a pid namespace");
    set_child(init);
    inner = Fd();
    return first_word();
  }

  /// Its init ends all others of the namespace, and is waited for only once they are gone. Who is
  /// left then are children of before, or others' orphans, as only pid 1 has them.
  void kill(Descendants& descendants) override {
    if (init_ended_)
      sweep(descendants);
    else
      ::kill(child(), SIGKILL);
  }

  [[nodiscard]] Pid command() const override { return command_; }
  [[nodiscard]] Pid keeper() const override { return Pid(child()); }
  [[nodiscard]] int news() const override { return socket_.get(); }

  void send(Signal signal) override {
    syscall(SYS_pidfd_send_signal, pidfd_.get(), signal.number(), nullptr, 0U);
  }

  [[nodiscard]] std::vector<Change> changes() override {
    std::vector<Change> found = told();
    int word = 0;
    while (const pid_t changed = wait_for_any(word)) {
      if (changed != child() || !(WIFEXITED(word) || WIFSIGNALED(word))) continue;
      init_ended_ = true;
      for (const Change& last : told()) found.push_back(last);  // said before it ended
      if (!command_ended_) found.push_back({SIGKILL});          // with its init
    }
    return found;
  }

private:
  pid_t make_init(InitSettings settings, Launch& launch) {
    pid_t init = clone_process(CLONE_NEWPID | CLONE_NEWNS);
    if (init < 0 && errno == EPERM) {
      settings.own_users = true;
      init = clone_process(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
    }
    if (init == 0) {
      ::close(socket_.get());
      be_namespace_init(settings, launch);
    }
    return init;
  }

  Result<void> first_word() {
    Told told = receive(socket_.get(), 0);
    if (told.tiding && told.tiding->kind == Tiding::Kind::started && told.pidfd.valid()) {
      pidfd_ = std::move(told.pidfd);
      command_ = number_of(pidfd_.get());
      static_cast<void>(::send(socket_.get(), "", 1, MSG_NOSIGNAL));
      if (told.tiding->number != 0)
        amiss_ =
            fmt::format("/proc shows the pids of outside: {}", errno_name(told.tiding->number));
      return {};
    }
    ::kill(child(), SIGKILL);
    ::waitpid(child(), nullptr, __WALL);
    const int number = told.tiding ? told.tiding->number : EIO;
    return failure(number, "set up", "a pid namespace");
  }

  std::vector<Change> told() {
    std::vector<Change> found;
    while (socket_.valid()) {
      const Told told = receive(socket_.get(), MSG_DONTWAIT);
      if (told.over) socket_ = Fd();
      if (!told.tiding) break;
      if (told.tiding->kind != Tiding::Kind::changed) continue;
      found.push_back({told.tiding->number});
      const int word = told.tiding->number;
      command_ended_ = command_ended_ || WIFEXITED(word) || WIFSIGNALED(word);
    }
    return found;
  }

  Fd socket_, pidfd_;
  Pid command_;
  std::string amiss_;
  bool command_ended_ = false;
  bool init_ended_ = false;
};

}  // namespace

std::unique_ptr<Place> in_pid_namespace() {
  return std::make_unique<InPidNamespace>();
}

}  // namespace knell::supervise
