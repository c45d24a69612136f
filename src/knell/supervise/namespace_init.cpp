#include "knell/supervise/namespace_init.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace knell::supervise {
namespace {

using live::Fd;

void tell(int socket, Tiding::Kind kind, int number, int pidfd = -1) {
  Tiding tiding{.kind = kind, .number = number};
  iovec part{.iov_base = &tiding, .iov_len = sizeof tiding};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof pidfd)> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (pidfd >= 0) {
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof pidfd);
    std::memcpy(CMSG_DATA(head), &pidfd, sizeof pidfd);
  }
  static_cast<void>(::sendmsg(socket, &message, MSG_NOSIGNAL));  // its end is seen elsewhere
}

int write_to(const char* path, const std::string& text) {
  const Fd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return errno;
  return ::write(file.get(), text.data(), text.size()) < 0 ? errno : 0;
}

/// Everybody may map himself to himself; his groups only once setgroups(2) is given up for good
/// (user_namespaces(7)).
int map_to_self(uid_t user, gid_t group) {
  const auto one = [](auto id) { return std::to_string(id) + ' ' + std::to_string(id) + " 1"; };
  if (const int number = write_to("/proc/self/setgroups", "deny")) return number;
  if (const int number = write_to("/proc/self/uid_map", one(user))) return number;
  return write_to("/proc/self/gid_map", one(group));
}

/// The command sees numbers of this namespace, so /proc should show this one. Mounts made outside
/// still appear here; those made here do not appear outside.
int mount_proc() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return errno;
  if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    return errno;
  return 0;
}

Fd children_news() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  return Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

class Init {
public:
  Init(const InitSettings& settings, pid_t command)
      : settings_(settings), command_(command), news_(children_news()) {}

  [[noreturn]] void run() {
    while (true) {
      wait_for_all_that_ended();
      wait_for_news();
    }
  }

private:
  void wait_for_all_that_ended() {
    int word = 0;
    pid_t changed = 0;
    while ((changed = ::waitpid(-1, &word, WNOHANG | WUNTRACED | __WALL)) > 0)
      if (changed == command_) tell(settings_.socket, Tiding::Kind::changed, word);
    if (changed < 0 && errno == ECHILD) ::_exit(0);
  }

  void wait_for_news() {
    std::array<pollfd, 2> open{{{news_.get(), POLLIN, 0}, {socket_, POLLIN, 0}}};
    ::poll(open.data(), open.size(), -1);
    signalfd_siginfo info{};
    while (::read(news_.get(), &info, sizeof info) > 0) continue;
    if (open[1].revents == 0) return;
    if (!settings_.keep) ::_exit(0);  // the supervisor has ended: so does all in here
    socket_ = -1;
  }

  InitSettings settings_;
  pid_t command_;
  Fd news_;
  int socket_ = settings_.socket;
};

}  // namespace

void be_namespace_init(const InitSettings& settings, Launch& launch) {
  if (settings.own_users)
    if (const int number = map_to_self(settings.user, settings.group)) {
      tell(settings.socket, Tiding::Kind::failed, number);
      ::_exit(1);
    }
  const int proc = mount_proc();
  const pid_t command = clone_process(0);
  if (command == 0) launch.become(false);
  if (command < 0) {
    tell(settings.socket, Tiding::Kind::failed, errno);
    ::_exit(1);
  }
  launch.forked();
  const Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, command, 0U)));
  tell(settings.socket, Tiding::Kind::started, proc, pidfd.get());
  // Until it is waited for the command has a number outside, which the supervisor looks up now.
  char seen = 0;
  static_cast<void>(::recv(settings.socket, &seen, sizeof seen, 0));
  Init(settings, command).run();
}

}  // namespace knell::supervise
