#include "knell/world/call.hpp"

namespace knell {

std::string_view entry_of(Sys nr) {
  switch (nr) {
#define KNELL_NAME(name) \
  case Sys::name:        \
    return "sys_" #name;
    KNELL_NAME(none)
    KNELL_NAME(kill)
    KNELL_NAME(tkill)
    KNELL_NAME(tgkill)
    KNELL_NAME(rt_sigqueueinfo)
    KNELL_NAME(rt_tgsigqueueinfo)
    KNELL_NAME(pidfd_send_signal)
    KNELL_NAME(rt_sigaction)
    KNELL_NAME(rt_sigprocmask)
    KNELL_NAME(rt_sigpending)
    KNELL_NAME(rt_sigtimedwait)
    KNELL_NAME(rt_sigsuspend)
    KNELL_NAME(pause)
    KNELL_NAME(sigaltstack)
    KNELL_NAME(rt_sigreturn)
    KNELL_NAME(clone)
    KNELL_NAME(execve)
    KNELL_NAME(exit)
    KNELL_NAME(exit_group)
    KNELL_NAME(wait4)
    KNELL_NAME(waitid)
    KNELL_NAME(setpgid)
    KNELL_NAME(setsid)
    KNELL_NAME(setresuid)
    KNELL_NAME(prctl)
    KNELL_NAME(prlimit)
    KNELL_NAME(ptrace)
    KNELL_NAME(pipe)
    KNELL_NAME(read)
    KNELL_NAME(write)
    KNELL_NAME(close)
    KNELL_NAME(signalfd)
    KNELL_NAME(open)
    KNELL_NAME(flock)
    KNELL_NAME(fcntl_setlk)
    KNELL_NAME(robust_lock)
    KNELL_NAME(robust_unlock)
    KNELL_NAME(semop)
    KNELL_NAME(shmat)
    KNELL_NAME(shmdt)
    KNELL_NAME(open_tty)
    KNELL_NAME(tiocsctty)
    KNELL_NAME(tiocnotty)
    KNELL_NAME(tcsetpgrp)
    KNELL_NAME(tcgetpgrp)
    KNELL_NAME(setitimer)
    KNELL_NAME(alarm)
    KNELL_NAME(nanosleep)
    KNELL_NAME(fault)
#undef KNELL_NAME
  }
  return "sys_";
}

std::string_view name_of(Sys nr) {
  return entry_of(nr).substr(4);
}

}  // namespace knell
