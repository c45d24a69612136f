/// What `pkill -9 -m` of procps 4.0.3 and later does to the one process that it has found:
/// pidfd_open, SIGKILL, process_mrelease in the same thread.

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const pid_t pid = std::atoi(argv[1]);
  const auto pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
  if (pidfd < 0 || ::kill(pid, SIGKILL) != 0) return 1;
  return ::syscall(SYS_process_mrelease, pidfd, 0U) == 0 ? 0 : 1;
}
