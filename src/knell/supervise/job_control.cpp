#include "knell/supervise/job_control.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "knell/live/fd.hpp"

namespace knell::supervise {
namespace {

constexpr SigSet kOfTerminals{signals::kInt,  signals::kQuit, signals::kTstp,  signals::kTtin,
                              signals::kTtou, signals::kHup,  signals::kWinch, signals::kCont};

/// The end of a terminal is told to the session's leader alone, or first
/// (tty_signal_session_leader of drivers/tty/tty_jobctrl.c).
bool for_leaders_only(Signal signal) {
  const bool told = signal == signals::kHup || signal == signals::kCont;
  return told && ::getsid(0) == ::getpid();
}

/// SIGCONT at a time wakes who is stopped by then (send_sigqueue of kernel/signal.c).
class Alarm {
public:
  explicit Alarm(std::chrono::milliseconds after) {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGCONT;
    if (::timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) return;
    set_ = true;
    const auto count = std::max<std::int64_t>(after.count(), 1);
    itimerspec when{};
    when.it_value = {.tv_sec = count / 1000, .tv_nsec = count % 1000 * 1'000'000};
    ::timer_settime(timer_, 0, &when, nullptr);
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() {
    if (set_) ::timer_delete(timer_);
  }

private:
  timer_t timer_{};
  bool set_ = false;
};

}  // namespace

bool came_to_all(const signalfd_siginfo& info, Pid command) {
  const Signal signal(static_cast<int>(info.ssi_signo));
  if (info.ssi_code != SI_KERNEL || !kOfTerminals.has(signal) || for_leaders_only(signal))
    return false;
  return command == Pid{} || ::getpgid(command.value()) == ::getpgrp();
}

bool stops_the_job(Signal by) {
  if (!by.stops() || by == signals::kStop) return false;
  const live::Fd terminal(::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC));
  return terminal.valid() && ::tcgetpgrp(terminal.get()) == ::getpgrp();
}

void stop_oneself(std::optional<std::chrono::milliseconds> longest) {
  std::optional<Alarm> alarm;
  if (longest) alarm.emplace(*longest);
  ::kill(::getpid(), SIGSTOP);
}

}  // namespace knell::supervise
