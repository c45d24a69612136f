#pragma once

/// The calls, each made for real. docs of each: `Sys` in world/call.hpp.

#include "knell/conform/puppet/system.hpp"
#include "knell/world/call.hpp"

namespace knell::conform::puppet {

/// Makes the call; returns its value, and enters into `result` what else it tells. Behind a clone
/// it returns in the child, too.
using Performer = long (*)(const Call& call, CallResult& result);

// signals.cpp
long queue_signal(const Call& call, CallResult& result);
long pidfd_send_signal(const Call& call, CallResult& result);
long rt_sigaction(const Call& call, CallResult& result);
long rt_sigprocmask(const Call& call, CallResult& result);
long rt_sigpending(const Call& call, CallResult& result);
long rt_sigtimedwait(const Call& call, CallResult& result);
long rt_sigsuspend(const Call& call, CallResult& result);
long sigaltstack(const Call& call, CallResult& result);

// tasks.cpp
long clone(const Call& call, CallResult& result);
long execve(const Call& call, CallResult& result);
long wait4(const Call& call, CallResult& result);
long waitid(const Call& call, CallResult& result);
long prlimit(const Call& call, CallResult& result);
long ptrace(const Call& call, CallResult& result);

// files.cpp
long pipe(const Call& call, CallResult& result);
long read(const Call& call, CallResult& result);
long write(const Call& call, CallResult& result);
long signalfd(const Call& call, CallResult& result);
long open(const Call& call, CallResult& result);
long fcntl_setlk(const Call& call, CallResult& result);
long open_tty(const Call& call, CallResult& result);
long tcsetpgrp(const Call& call, CallResult& result);
long tcgetpgrp(const Call& call, CallResult& result);

// locks.cpp
long robust_lock(const Call& call, CallResult& result);
long robust_unlock(const Call& call, CallResult& result);
long semop(const Call& call, CallResult& result);
long shmat(const Call& call, CallResult& result);
long shmdt(const Call& call, CallResult& result);

// fault.cpp
long fault(const Call& call, CallResult& result);

/// The call, whichever it is.
CallResult perform(const Call& call);

}  // namespace knell::conform::puppet
