/// arch/x86/entry: the table of calls.

#include <cerrno>

#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

/// Leaves the handler that was told to stay; a program that is in none would crash.
std::int64_t sys_rt_sigreturn(Kernel& kernel, TaskIndex current) {
  const UserContext& context = kernel.world[kernel.world[current].context];
  if (context.frames.empty()) return -EINVAL;
  sigreturn(kernel, current);
  return 0;
}

Outcome after_fault(Kernel& kernel, TaskIndex current, const Call& call) {
  sys_fault(kernel, current, call);
  // An exception of the kind "fault" has the instruction itself as what comes next; a trap has not.
  return call.arg[0] == signals::kTrap.number() ? 0 : kFaultAgain;
}

std::int64_t leave(Kernel& kernel, TaskIndex current, const Call& call) {
  const int word = WaitStatus::exited(static_cast<int>(call.arg[0])).word();
  if (call.nr == Sys::exit)
    do_exit(kernel, current, word);
  else
    do_group_exit(kernel, current, word);
  return 0;
}

Outcome dispatch_signals(Kernel& kernel, TaskIndex current, const Call& call) {
  switch (call.nr) {
    case Sys::kill:
      return sys_kill(kernel, current, call);
    case Sys::tkill:
      return sys_tkill(kernel, current, call);
    case Sys::tgkill:
      return sys_tgkill(kernel, current, call);
    case Sys::rt_sigqueueinfo:
      return sys_rt_sigqueueinfo(kernel, current, call);
    case Sys::rt_tgsigqueueinfo:
      return sys_rt_tgsigqueueinfo(kernel, current, call);
    case Sys::pidfd_send_signal:
      return sys_pidfd_send_signal(kernel, current, call);
    case Sys::rt_sigaction:
      return sys_rt_sigaction(kernel, current, call);
    case Sys::rt_sigprocmask:
      return sys_rt_sigprocmask(kernel, current, call);
    case Sys::rt_sigpending:
      return static_cast<std::int64_t>(rt_sigpending(kernel, current).bits());
    case Sys::rt_sigtimedwait:
      return sys_rt_sigtimedwait(kernel, current, call);
    case Sys::rt_sigsuspend:
      return sys_rt_sigsuspend(kernel, current, call);
    case Sys::pause:
      return {};
    case Sys::sigaltstack:
      return sys_sigaltstack(kernel, current, call);
    case Sys::rt_sigreturn:
      return sys_rt_sigreturn(kernel, current);
    case Sys::fault:
      return after_fault(kernel, current, call);
    default:
      return -ENOSYS;
  }
}

Outcome dispatch_tasks(Kernel& kernel, TaskIndex current, const Call& call) {
  switch (call.nr) {
    case Sys::clone:
      return sys_clone(kernel, current, call);
    case Sys::execve:
      return sys_execve(kernel, current);
    case Sys::exit:
    case Sys::exit_group:
      return leave(kernel, current, call);
    case Sys::wait4:
      return sys_wait4(kernel, current, call);
    case Sys::waitid:
      return sys_waitid(kernel, current, call);
    case Sys::setpgid:
      return sys_setpgid(kernel, current, call);
    case Sys::setsid:
      return sys_setsid(kernel, current);
    case Sys::setresuid:
      return sys_setresuid(kernel, current, call);
    case Sys::prctl:
      return sys_prctl(kernel, current, call);
    case Sys::prlimit:
      return sys_prlimit(kernel, current, call);
    case Sys::ptrace:
      return sys_ptrace(kernel, current, call);
    case Sys::setitimer:
      return sys_setitimer(kernel, current, call);
    case Sys::alarm:
      return sys_alarm(kernel, current, call);
    case Sys::nanosleep:
      return sys_nanosleep(kernel, current, call);
    default:
      return -ENOSYS;
  }
}

Outcome dispatch_files(Kernel& kernel, TaskIndex current, const Call& call) {
  switch (call.nr) {
    case Sys::pipe:
      return sys_pipe(kernel, current);
    case Sys::read:
      return sys_read(kernel, current, call);
    case Sys::write:
      return sys_write(kernel, current, call);
    case Sys::close:
      return sys_close(kernel, current, call);
    case Sys::signalfd:
      return sys_signalfd(kernel, current, call);
    case Sys::open:
      return sys_open(kernel, current, call);
    case Sys::flock:
      return sys_flock(kernel, current, call);
    case Sys::fcntl_setlk:
      return sys_fcntl_setlk(kernel, current, call);
    case Sys::robust_lock:
      return robust_lock(kernel, current, call);
    case Sys::robust_unlock:
      return robust_unlock(kernel, current, call);
    case Sys::semop:
      return sys_semop(kernel, current, call);
    case Sys::shmat:
      return sys_shmat(kernel, current);
    case Sys::shmdt:
      return sys_shmdt(kernel, current);
    case Sys::open_tty:
      return tty_open(kernel, current, call);
    case Sys::tiocsctty:
      return tiocsctty(kernel, current, call);
    case Sys::tiocnotty:
      return tiocnotty(kernel, current, call);
    case Sys::tcsetpgrp:
      return tiocspgrp(kernel, current, call);
    case Sys::tcgetpgrp:
      return tiocgpgrp(kernel, current, call);
    default:
      return -ENOSYS;
  }
}

}  // namespace

Outcome dispatch(Kernel& kernel, TaskIndex task, const Call& call) {
  const Function in(kernel, kernel.steps ? entry_of(call.nr) : std::string_view(), task);
  if (call.nr <= Sys::rt_sigreturn || call.nr == Sys::fault)
    return dispatch_signals(kernel, task, call);
  if (call.nr <= Sys::ptrace || call.nr >= Sys::setitimer)
    return dispatch_tasks(kernel, task, call);
  return dispatch_files(kernel, task, call);
}

std::int64_t interrupted(Kernel& kernel, TaskIndex task, const Call& call) {
  switch (call.nr) {
    case Sys::rt_sigtimedwait:
      return interrupted_sigtimedwait(kernel, task, call);
    case Sys::semop:
      return -EINTR;  // never made again
    case Sys::pause:
    case Sys::rt_sigsuspend:
      return kRestartNoHand;
    case Sys::nanosleep:
      return kRestartBlock;
    case Sys::robust_lock:  // user space tries again whatever woke it
    case Sys::ptrace:
      return kRestartNoIntr;
    default:
      return kRestartSys;
  }
}

}  // namespace knell::kernel
