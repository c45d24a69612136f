/// Tasks: begun, ended, waited for, traced.

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "knell/conform/puppet/begin.hpp"
#include "knell/conform/puppet/entry.hpp"
#include "knell/conform/puppet/lifeline.hpp"
#include "knell/conform/puppet/perform.hpp"
#include "knell/conform/puppet/stacks.hpp"

namespace knell::conform::puppet {
namespace {

/// What a child that goes on with a copy of this stack has of the caller.
void copy_program(Slot& me, Slot& child) {
  const Returned returned = me.returned;
  child.stack = me.stack;
  child.below_alternate = me.below_alternate;
  child.begun = me.begun.load();
  child.left = me.left.load();
  child.in_call = me.in_call.load();
  child.results[returned.place].result = me.results[returned.place].result;
  child.returned = returned;
}

/// All of it before the child is there: it may have to run a handler first.
Slot& prepare_child(unsigned long flags) {
  Slot& me = self();
  Slot& child = shared().slots[me.child];
  child.self = address_of(&child);
  child.parent = static_cast<std::uint32_t>(&me - shared().slots.data());
  child.tied = me.tied && (flags & CLONE_THREAD) != 0;
  if ((flags & CLONE_VM) != 0)
    child.stack = me.child_stack;
  else
    copy_program(me, child);
  return child;
}

}  // namespace

long clone(const Call& call, CallResult&) {
  const auto flags =
      static_cast<unsigned long>(call.arg[0] | call.arg[1] | CLONE_SETTLS | CLONE_PARENT_SETTID);
  Slot& child = prepare_child(flags);
  if ((flags & CLONE_VM) != 0)
    return clone_onto_stack(flags, stack_top(child.stack), &child.number, &child);
  __builtin_unwind_init();  // the callers' registers, too, are to be on the stack
  const long pid = system_call(SYS_clone, flags, nullptr, &child.number, nullptr, &child);
  if (pid != 0) return pid;
  own_stack(shared().slots[child.parent], child);
  begin_task();
  return 0;
}

long execve(const Call&, CallResult&) {
  const auto slot = static_cast<unsigned>(&self() - shared().slots.data());
  const char number[] = {static_cast<char>('0' + slot / 10), static_cast<char>('0' + slot % 10), 0};
  const char* const arguments[] = {"knell-puppet", number, nullptr};
  const char* const environment[] = {nullptr};
  return system_call(SYS_execveat, kProgramFd, "", arguments, environment, AT_EMPTY_PATH);
}

long wait4(const Call& call, CallResult& result) {
  return system_call(SYS_wait4, call.arg[0], &result.status, call.arg[1], nullptr);
}

long waitid(const Call& call, CallResult& result) {
  const bool by_pidfd = call.arg[0] == P_PIDFD;
  const long id = by_pidfd ? open_pidfd(call.arg[1], 0) : call.arg[1];
  if (by_pidfd && id < 0) return id;
  siginfo_t info{};
  const long error = system_call(SYS_waitid, call.arg[0], id, &info, call.arg[2], nullptr);
  if (by_pidfd) system_call(SYS_close, id);
  result.info.signal = Signal(info.si_signo);
  result.info.code = info.si_code;
  result.info.pid = Pid(info.si_pid);
  result.info.uid = Uid(info.si_uid);
  result.info.status = info.si_status;
  return error;
}

/// The hard limit stays as it is.
long prlimit(const Call& call, CallResult&) {
  rlimit limit{};
  const long error = system_call(SYS_prlimit64, 0, call.arg[0], nullptr, &limit);
  if (error < 0) return error;
  limit.rlim_cur = static_cast<rlim_t>(call.arg[1]);
  return system_call(SYS_prlimit64, 0, call.arg[0], &limit, nullptr);
}

long ptrace(const Call& call, CallResult&) {
  return system_call(SYS_ptrace, call.arg[0], call.arg[1], nullptr, call.arg[2]);
}

}  // namespace knell::conform::puppet
