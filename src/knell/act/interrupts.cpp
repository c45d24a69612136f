#include "knell/act/interrupts.hpp"

#include <sys/signalfd.h>

#include <cerrno>

namespace knell::act {
namespace {

sigset_t stop_requests() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action{};
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
      sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

Result<Interrupts> Interrupts::hold() {
  const sigset_t set = stop_requests();
  live::Fd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return failure(errno, "open", "a signalfd");
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &set, &before);
  return Interrupts(std::move(fd), before);
}

Interrupts::~Interrupts() {
  if (fd_.valid()) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupts::taken() const {
  bool any = false;
  signalfd_siginfo info{};
  while (read(fd_.get(), &info, sizeof info) > 0) any = true;
  return any;
}

}  // namespace knell::act
