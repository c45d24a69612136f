#include "knell/conform/puppet/perform.hpp"

#include <sys/ioctl.h>

#include <cerrno>
#include <ctime>

#include "knell/conform/puppet/lifeline.hpp"

namespace knell::conform::puppet {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;  // in nanoseconds

/// A call whose arguments are those of Linux, as they stand.
template <long number>
long as_it_is(const Call& call, CallResult&) {
  const auto& arg = call.arg;
  return system_call(number, arg[0], arg[1], arg[2], arg[3], arg[4]);
}

/// One after which the task may no longer have the signal that it is to get when its parent ends.
template <long number>
long as_it_is_and_still_tied(const Call& call, CallResult& result) {
  const long value = as_it_is<number>(call, result);
  tie_to_stage();
  return value;
}

long tiocsctty(const Call& call, CallResult&) {
  return system_call(SYS_ioctl, call.arg[0], TIOCSCTTY, call.arg[1]);
}

long tiocnotty(const Call& call, CallResult&) {
  return system_call(SYS_ioctl, call.arg[0], TIOCNOTTY);
}

long setitimer(const Call& call, CallResult&) {
  const auto time = [](std::int64_t milliseconds) {
    return timeval{milliseconds / 1000, milliseconds % 1000 * 1000};
  };
  const timeval timer[2] = {time(call.arg[2]), time(call.arg[1])};  // it_interval, it_value
  return system_call(SYS_setitimer, call.arg[0], timer, nullptr);
}

long nanosleep(const Call& call, CallResult&) {
  const timespec time{call.arg[0] / 1000, call.arg[0] % 1000 * kMillisecond};
  return system_call(SYS_nanosleep, &time, nullptr);
}

struct Row {
  Sys nr;
  Performer performer;
};
constexpr Row kTable[] = {
    {Sys::kill, as_it_is<SYS_kill>},
    {Sys::tkill, as_it_is<SYS_tkill>},
    {Sys::tgkill, as_it_is<SYS_tgkill>},
    {Sys::rt_sigqueueinfo, queue_signal},
    {Sys::rt_tgsigqueueinfo, queue_signal},
    {Sys::pidfd_send_signal, pidfd_send_signal},
    {Sys::rt_sigaction, rt_sigaction},
    {Sys::rt_sigprocmask, rt_sigprocmask},
    {Sys::rt_sigpending, rt_sigpending},
    {Sys::rt_sigtimedwait, rt_sigtimedwait},
    {Sys::rt_sigsuspend, rt_sigsuspend},
    {Sys::pause, as_it_is<SYS_pause>},
    {Sys::sigaltstack, sigaltstack},
    {Sys::clone, clone},
    {Sys::execve, execve},
    {Sys::exit, as_it_is<SYS_exit>},
    {Sys::exit_group, as_it_is<SYS_exit_group>},
    {Sys::wait4, wait4},
    {Sys::waitid, waitid},
    {Sys::setpgid, as_it_is<SYS_setpgid>},
    {Sys::setsid, as_it_is<SYS_setsid>},
    {Sys::setresuid, as_it_is_and_still_tied<SYS_setresuid>},
    {Sys::prctl, as_it_is_and_still_tied<SYS_prctl>},
    {Sys::prlimit, prlimit},
    {Sys::ptrace, ptrace},
    {Sys::pipe, pipe},
    {Sys::read, read},
    {Sys::write, write},
    {Sys::close, as_it_is<SYS_close>},
    {Sys::signalfd, signalfd},
    {Sys::open, open},
    {Sys::flock, as_it_is<SYS_flock>},
    {Sys::fcntl_setlk, fcntl_setlk},
    {Sys::robust_lock, robust_lock},
    {Sys::robust_unlock, robust_unlock},
    {Sys::semop, semop},
    {Sys::shmat, shmat},
    {Sys::shmdt, shmdt},
    {Sys::open_tty, open_tty},
    {Sys::tiocsctty, tiocsctty},
    {Sys::tiocnotty, tiocnotty},
    {Sys::tcsetpgrp, tcsetpgrp},
    {Sys::tcgetpgrp, tcgetpgrp},
    {Sys::setitimer, setitimer},
    {Sys::alarm, as_it_is<SYS_alarm>},
    {Sys::nanosleep, nanosleep},
    {Sys::fault, fault},
};

}  // namespace

CallResult perform(const Call& call) {
  CallResult result{.nr = call.nr, .value = -ENOSYS};
  for (const Row& row : kTable)
    if (row.nr == call.nr) result.value = row.performer(call, result);
  return result;
}

}  // namespace knell::conform::puppet
