/// The first puppet makes its namespaces what kernel::boot() says.

#include <fcntl.h>
#include <poll.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>

#include "knell/conform/puppet/begin.hpp"
#include "knell/conform/puppet/entry.hpp"
#include "knell/conform/puppet/system.hpp"

namespace knell::conform::puppet {
namespace {

[[noreturn]] void fail(const char* what, long error) {
  Shared& all = shared();
  for (std::size_t i = 0; i + 1 < all.failed.size() && what[i] != 0; ++i) all.failed[i] = what[i];
  all.error = static_cast<std::int32_t>(-error);
  all.opening = Opening::failed;
  system_call(SYS_futex, &all.opening, FUTEX_WAKE, 1);
  give_up(1);
}

long must(const char* what, long result) {
  if (result < 0) fail(what, result);
  return result;
}

/// If the stage has ended before this, nobody would tell init.
void end_with_stage() {
  must("be told of the stage's end", system_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL));
  pollfd stage{.fd = kStageFd, .events = POLLIN, .revents = 0};
  if (system_call(SYS_poll, &stage, 1, 0) != 0) give_up(0);
}

void reset_signals() {
  struct {
    std::uintptr_t handler;
    unsigned long flags, restorer, mask;
  } by_default{};
  for (int signal = 1; signal <= Signal::kLast; ++signal)
    system_call(SYS_rt_sigaction, signal, &by_default, nullptr, 8);
  const std::uint64_t none = 0;
  system_call(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
}

/// As one begins whose forebears never had one: its flags outlive execve(2), and whoever started
/// the stage may have left those of a stack.
void reset_alternate_stack() {
  const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
  must("have no alternate stack", system_call(SYS_sigaltstack, &none, nullptr));
}

/// 0, 1 and 2 are /dev/null; of all that the stage's process had open nothing stays.
void reset_descriptors() {
  must("close files", system_call(SYS_close_range, 0, kSharedFd - 1, 0));
  must("close files", system_call(SYS_close_range, kProgramFd + 1, ~0U, 0));
  must("open /dev/null", system_call(SYS_open, "/dev/null", O_RDWR));
  system_call(SYS_dup, 0);
  system_call(SYS_dup, 0);
}

/// No core files: a limit of 1 also keeps them from a program that core_pattern names (core(5)
/// lets that one have them whatever the limit; fs/coredump.c makes this exception).
void set_limits() {
  const rlimit no_core{1, 1};
  system_call(SYS_prlimit64, 0, RLIMIT_CORE, &no_core, nullptr);
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  system_call(SYS_prlimit64, 0, RLIMIT_SIGPENDING, &unlimited, nullptr);
  system_call(SYS_umask, 0);
}

/// A file system of its own that is mounted nowhere: only who has the descriptor comes to it.
long mount_detached(const char* type, const char* mode) {
  const long context = must(type, system_call(SYS_fsopen, type, 0));
  if (mode != nullptr)
    must(type, system_call(SYS_fsconfig, context, FSCONFIG_SET_STRING, "mode", mode, 0));
  must(type, system_call(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
  const long mount = must(type, system_call(SYS_fsmount, context, 0, 0));
  system_call(SYS_close, context);
  return mount;
}

/// At a number that is not in the scenario's way.
long moved(long fd, int number) {
  must("move a descriptor", system_call(SYS_dup3, fd, number, 0));
  system_call(SYS_close, fd);
  return number;
}

/// To open a terminal's slave whose master is closed is EIO, and so it is to open one by a device
/// file that is not in a devpts. Only the machine's root can make one.
bool make_hung_up_terminal() {
  constexpr int kFirstSlave = 136 << 8;
  return system_call(SYS_mknodat, kFilesFd, kHungUp, S_IFCHR | 0666, kFirstSlave) == 0;
}

}  // namespace

void become_init() {
  end_with_stage();
  reset_signals();
  reset_alternate_stack();
  reset_descriptors();
  set_limits();
  Shared& all = shared();
  moved(mount_detached("tmpfs", "0777"), kFilesFd);
  all.root_of_machine = make_hung_up_terminal();
  all.proc_fd = static_cast<std::int32_t>(moved(mount_detached("proc", nullptr), kFirstOwnFd));
  all.semaphores = static_cast<std::int32_t>(
      must("make semaphores", system_call(SYS_semget, IPC_PRIVATE, 4, 0666)));
  all.segment = static_cast<std::int32_t>(
      must("make shared memory", system_call(SYS_shmget, IPC_PRIVATE, 4096, 0666)));
  all.leaving = reinterpret_cast<std::uintptr_t>(&knell_puppet_leaving);
  all.leaving_end = reinterpret_cast<std::uintptr_t>(&knell_puppet_leaving_end);
  all.opening = Opening::ready;
  system_call(SYS_futex, &all.opening, FUTEX_WAKE, 1);
}

}  // namespace knell::conform::puppet
