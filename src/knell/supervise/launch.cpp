#include "knell/supervise/launch.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace knell::supervise {
namespace {

/// clone3 is missing before Linux 5.3, and where a container's seccomp filter does not know it.
pid_t old_clone(std::uint64_t flags) {
  // s390 and CRIS take the stack first; knell is built for neither.
  return static_cast<pid_t>(syscall(SYS_clone, static_cast<unsigned long>(flags) | SIGCHLD, nullptr,
                                    nullptr, nullptr, nullptr));
}

}  // namespace

Result<Launch> Launch::prepare(const std::vector<std::string>& argv, const Inherited& inherited,
                               bool daemon) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return failure(errno, "make", "a pipe");
  Launch launch;
  launch.read_end_ = live::Fd(ends[0]);
  launch.write_end_ = live::Fd(ends[1]);
  launch.words_ = argv;
  for (std::string& word : launch.words_) launch.argv_.push_back(word.data());
  launch.argv_.push_back(nullptr);
  launch.inherited_ = inherited;
  launch.daemon_ = daemon;
  launch.supervisor_ = ::getpid();
  return launch;
}

void Launch::become(bool bound) const {
  if (bound) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != supervisor_) ::_exit(125);  // it ended before this was asked for
  }
  if (daemon_)
    Inherited::reset();
  else
    inherited_.restore();
  ::execvp(argv_[0], argv_.data());
  const int number = errno;
  // The pipe is empty and takes four bytes at once; where nobody reads them, nobody asks.
  static_cast<void>(::write(write_end_.get(), &number, sizeof number));
  ::_exit(number == ENOENT ? 127 : 126);
}

int Launch::exec_error() const {
  int number = 0;
  if (::read(read_end_.get(), &number, sizeof number) != sizeof number) return 0;
  return number;
}

pid_t clone_process(std::uint64_t flags, int cgroup) {
  clone_args arguments{};
  arguments.flags = static_cast<__u64>(flags);
  arguments.exit_signal = SIGCHLD;
  if (cgroup >= 0) {
    arguments.flags |= static_cast<__u64>(CLONE_INTO_CGROUP);
    arguments.cgroup = static_cast<__u64>(cgroup);
  }
  const auto child = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
  if (child < 0 && errno == ENOSYS && cgroup < 0) return old_clone(flags);
  return child;
}

}  // namespace knell::supervise
