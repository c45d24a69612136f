#include "zoo/keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "zoo/fence.hpp"
#include "zoo/inside.hpp"
#include "zoo/message.hpp"

namespace knell::zoo {
namespace {

constexpr std::int64_t kLongest = 600'000;  // milliseconds; only a broken machine comes near

/// clone(2) without a stack of its own: fork, into new namespaces.
pid_t fork_into_namespaces() {
  unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
  if (::geteuid() != 0) flags |= CLONE_NEWUSER;
  return static_cast<pid_t>(::syscall(SYS_clone, flags, 0, 0, 0, 0));
}

/// A plain user keeps its number in the user namespace that it has to make: user_namespaces(7).
bool keep_own_number(uid_t user, gid_t group) {
  const auto write = [](const char* path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    return static_cast<bool>(file.flush());
  };
  return write("/proc/self/setgroups", "deny") &&
         write("/proc/self/uid_map", fmt::format("{0} {0} 1", user)) &&
         write("/proc/self/gid_map", fmt::format("{0} {0} 1", group));
}

[[noreturn]] void be_init(const Job& job, const Fence& fence, int channel, uid_t user, gid_t group) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "zoo-init");
  Outcome outcome;
  if (user != 0 && !keep_own_number(user, group))
    outcome.skipped = "cannot make a user namespace";
  else
    outcome = keep_inside(job, fence, [&](pid_t target) { send_pid(channel, target); });
  send_outcome(channel, outcome);
  ::_exit(0);
}

/// SIGINT and SIGTERM end the animal, not the keeper, which has to take everything down.
void await(int channel, Outcome& outcome, const std::function<void(pid_t)>& stands) {
  const std::int64_t end = now() + kLongest;
  outcome.skipped = "its keeper ended early";
  while (now() < end) {
    pollfd readable{channel, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(end - now())) <= 0) return;
    const Message message = receive(channel);
    if (message.pid && stands) stands(*message.pid);
    if (message.outcome) outcome = *message.outcome;
    if (!message.pid) return;
  }
}

}  // namespace

bool have_own_mounts() {
  return ::geteuid() != 0 ||
         (::unshare(CLONE_NEWNS) == 0 &&
          ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
}

Outcome keep(const Job& job, const std::function<void(pid_t)>& stands) {
  Outcome outcome;
  if (job.animal->who == Who::only_root && (job.user != 0 || ::geteuid() != 0))
    return {.skipped = "only root can be such an animal"};
  const auto fence = Fence::build(job, outcome.skipped);
  if (!fence) return outcome;
  const auto [here, there] = make_channel();
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  const pid_t init = fork_into_namespaces();
  if (init == 0) be_init(job, *fence, there, user, group);
  ::close(there);
  if (init < 0)
    outcome.skipped = fmt::format("cannot make a pid namespace: {}", std::strerror(errno));
  else
    await(here, outcome, stands);
  ::close(here);
  fence->open();  // the frozen could not follow their init
  if (init > 0) {
    ::kill(init, SIGKILL);
    ::waitpid(init, nullptr, 0);
  }
  return outcome;
}

}  // namespace knell::zoo
