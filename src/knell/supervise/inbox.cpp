#include "knell/supervise/inbox.hpp"

#include <unistd.h>

#include <cerrno>

namespace knell::supervise {
namespace {

sigset_t to_be_read(const Inherited& inherited) {
  sigset_t set;
  sigfillset(&set);
  for (int number = 1; number <= Signal::kLast; ++number) {
    const Signal signal(number);
    if (signals::kSynchronous.has(signal) || inherited.ignores(signal)) sigdelset(&set, number);
  }
  sigaddset(&set, SIGCHLD);
  return set;
}

}  // namespace

Result<Inbox> Inbox::open(const Inherited& inherited) {
  const sigset_t set = to_be_read(inherited);
  live::Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return failure(errno, "open", "a signalfd");
  ::sigprocmask(SIG_SETMASK, &set, nullptr);
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &action, nullptr);
  return Inbox(std::move(fd));
}

std::optional<signalfd_siginfo> Inbox::next() const {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return {};
  return info;
}

}  // namespace knell::supervise
