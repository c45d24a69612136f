#include "knell/conform/launch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>

#include "knell/conform/program.hpp"

namespace knell::conform {
namespace {

constexpr int kWithNamespaces = CLONE_NEWPID | CLONE_NEWIPC;
constexpr time_t kPatience = 10;  // seconds, in which a healthy machine starts a process

/// What the two children below know, and what they say. They run in this process's memory, one
/// after the other, while the thread that made them waits.
struct Order {
  int shared;
  int program;
  int stage;
  bool user_namespace;
  std::array<char, 64> uid_map{}, gid_map{};
  pid_t init = -1;
  int error = 0;
  const char* failed = "";
  alignas(16) std::array<char, 16384> helper_stack{}, init_stack{};
};

int fail(Order& order, const char* what) {
  order.error = errno;
  order.failed = what;
  return 1;
}

bool write_file(const char* path, const char* text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::size_t size = 0;
  while (text[size] != 0) ++size;
  const bool written = ::write(fd, text, size) == static_cast<ssize_t>(size);
  ::close(fd);
  return written;
}

/// A user namespace in which the user is root (user_namespaces(7)).
bool enter_user_namespace(const Order& order) {
  return ::unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", order.uid_map.data()) &&
         write_file("/proc/self/gid_map", order.gid_map.data());
}

int become_puppet(void* argument) {
  auto& order = *static_cast<Order*>(argument);
  const char* const arguments[] = {"knell-puppet", "00", nullptr};
  const char* const environment[] = {nullptr};
  ::syscall(SYS_execveat, kProgramFd, "", arguments, environment, AT_EMPTY_PATH);
  return fail(order, "run the puppets' program");
}

/// The child that init is made by. It leads a session and a process group in which nobody else is:
/// so init, which is born in them and whose own namespace cannot number them, is in session 0 and
/// group 0, and what it sends to its group reaches nobody outside.
int make_init(void* argument) {
  auto& order = *static_cast<Order*>(argument);
  if (order.user_namespace && !enter_user_namespace(order))
    return fail(order, "make a user namespace");
  if (::setsid() < 0) return fail(order, "make a session");
  if (::dup2(order.shared, kSharedFd) < 0 || ::dup2(order.program, kProgramFd) < 0 ||
      ::dup2(order.stage, kStageFd) < 0)
    return fail(order, "pass descriptors on");
  const int flags = kWithNamespaces | (order.user_namespace ? CLONE_NEWNS : 0);
  order.init = ::clone(become_puppet, order.init_stack.data() + order.init_stack.size(),
                       flags | CLONE_PARENT | CLONE_VM | CLONE_VFORK, &order);
  return order.init < 0 ? fail(order, "make a pid namespace") : 0;
}

/// Runs make_init, with all signals blocked: no handler of this process's may run in a child that
/// has its memory. (Init sets its own mask.)
void run_helper(Order& order) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t helper = ::clone(make_init, order.helper_stack.data() + order.helper_stack.size(),
                               CLONE_VM | CLONE_VFORK, &order);
  if (helper < 0) fail(order, "make a process");
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  while (helper > 0 && ::waitpid(helper, nullptr, __WALL) < 0 && errno == EINTR) continue;
}

Result<live::Fd> make_init(const Memory& memory, int program, bool user_namespace) {
  const live::Fd stage(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  if (!stage.valid()) return failure(errno, "open", "a pidfd", "Linux 5.9 or newer is needed");
  Order order{.shared = memory.fd(),
              .program = program,
              .stage = stage.get(),
              .user_namespace = user_namespace};
  std::snprintf(order.uid_map.data(), order.uid_map.size(), "0 %u 1", ::geteuid());
  std::snprintf(order.gid_map.data(), order.gid_map.size(), "0 %u 1", ::getegid());
  run_helper(order);
  if (order.error != 0 && order.init > 0) ::waitpid(order.init, nullptr, __WALL);
  if (order.error != 0) return failure(order.error, order.failed, "");
  live::Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, order.init, 0)));
  if (pidfd.valid()) return pidfd;
  const int error = errno;
  ::kill(order.init, SIGKILL);  // a child that nobody has waited for: nobody else has its number
  ::waitpid(order.init, nullptr, __WALL);
  return failure(error, "open", "a pidfd");
}

Result<live::Fd> make_init_as_allowed(const Memory& memory) {
  const int program = KNELL_TRY(executable_puppet());
  memory->slots[0].tied = true;
  auto init = make_init(memory, program, false);
  if (init || init.error().number != EPERM) return init;
  init = make_init(memory, program, true);
  if (!init) init.error().hint = "try as root, or allow unprivileged user namespaces";
  return init;
}

/// Waits until init says how it went, or ends without a word.
Opening await_opening(const Memory& memory, const Init& init) {
  const timespec pause{0, 50'000'000};
  for (int i = 0; i < kPatience * 20; ++i) {
    const Opening opening = memory->opening;
    if (opening != Opening::under_way || init.ended()) return opening;
    ::syscall(SYS_futex, &memory->opening, FUTEX_WAIT, opening, &pause, nullptr, 0);
  }
  return Opening::under_way;
}

}  // namespace

Result<Init> Init::launch(const Memory& memory) {
  Init init(KNELL_TRY(make_init_as_allowed(memory)));
  switch (await_opening(memory, init)) {
    case Opening::under_way:
      return failure(ETIMEDOUT, "start", "the first process of a scenario");
    case Opening::failed:
      return failure(memory->error, "make a scenario's world", memory->failed.data());
    case Opening::ready:
      break;
  }
  init.proc_ =
      live::Fd(static_cast<int>(::syscall(SYS_pidfd_getfd, init.pidfd_.get(), memory->proc_fd, 0)));
  if (!init.proc_.valid()) return failure(errno, "look into", "the pid namespace of a scenario");
  return init;
}

bool Init::ended() const {
  siginfo_t info{};
  const int error = ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.get()), &info,
                             WEXITED | WNOHANG | WNOWAIT | __WALL);
  return error != 0 || info.si_pid != 0;
}

Init::~Init() {
  if (!pidfd_.valid()) return;
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  siginfo_t info{};
  const auto init = static_cast<id_t>(pidfd_.get());
  while (::waitid(static_cast<idtype_t>(P_PIDFD), init, &info, WEXITED | __WALL) != 0 &&
         errno == EINTR)
    continue;
}

}  // namespace knell::conform
