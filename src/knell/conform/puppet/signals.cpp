/// signal(7): sent, caught, blocked, awaited.

#include <csignal>
#include <ctime>

#include "knell/conform/puppet/entry.hpp"
#include "knell/conform/puppet/handler.hpp"
#include "knell/conform/puppet/lifeline.hpp"
#include "knell/conform/puppet/perform.hpp"

namespace knell::conform::puppet {
namespace {

constexpr long kSetSize = 8;  // sizeof(sigset_t) of the kernel

/// The kernel's own; the C library's has another order.
struct KernelSigaction {
  std::uintptr_t handler;
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};
constexpr unsigned long kRestorer = 0x04000000;  // SA_RESTORER of arch/x86's asm/signal.h

std::uintptr_t function_of(Handler handler) {
  switch (handler) {
    case Handler::returns:
      return reinterpret_cast<std::uintptr_t>(&handler_that_returns);
    case Handler::holds:
      return reinterpret_cast<std::uintptr_t>(&handler_that_holds);
    default:
      return static_cast<std::uintptr_t>(handler);  // SIG_DFL and SIG_IGN are 0 and 1
  }
}

siginfo_t queued(const Call& call, std::size_t code) {
  siginfo_t info{};
  info.si_code = static_cast<int>(call.arg[code]);
  info.si_pid = static_cast<pid_t>(system_call(SYS_getpid));
  info.si_uid = static_cast<uid_t>(system_call(SYS_getuid));
  info.si_value.sival_ptr = at_address<void>(static_cast<std::uintptr_t>(call.arg[code + 1]));
  return info;
}

}  // namespace

long queue_signal(const Call& call, CallResult&) {
  if (call.nr == Sys::rt_sigqueueinfo) {
    siginfo_t info = queued(call, 2);
    return system_call(SYS_rt_sigqueueinfo, call.arg[0], call.arg[1], &info);
  }
  siginfo_t info = queued(call, 3);
  return system_call(SYS_rt_tgsigqueueinfo, call.arg[0], call.arg[1], call.arg[2], &info);
}

long pidfd_send_signal(const Call& call, CallResult&) {
  const long fd = open_pidfd(call.arg[0], call.arg[3]);
  if (fd < 0) return fd;
  const long sent = system_call(SYS_pidfd_send_signal, fd, call.arg[1], nullptr, call.arg[2]);
  system_call(SYS_close, fd);
  return sent;
}

/// SA_SIGINFO makes no difference to the kernel, only to what a handler may look at: ours always
/// looks.
long rt_sigaction(const Call& call, CallResult&) {
  const auto handler = static_cast<Handler>(call.arg[1]);
  KernelSigaction action{};
  action.handler = function_of(handler);
  action.flags = static_cast<unsigned long>(call.arg[2]) | SA_SIGINFO | kRestorer;
  action.restorer = knell_puppet_restorer;
  action.mask = static_cast<std::uint64_t>(call.arg[3]);
  return system_call(SYS_rt_sigaction, call.arg[0], &action, nullptr, kSetSize);
}

long rt_sigprocmask(const Call& call, CallResult&) {
  const std::int64_t set = call.arg[1];
  return system_call(SYS_rt_sigprocmask, call.arg[0], &set, nullptr, kSetSize);
}

long rt_sigpending(const Call&, CallResult&) {
  std::int64_t set = 0;
  const long error = system_call(SYS_rt_sigpending, &set, kSetSize);
  return error < 0 ? error : set;
}

long rt_sigtimedwait(const Call& call, CallResult& result) {
  const std::int64_t set = call.arg[0];
  const timespec at_once{};
  siginfo_t info{};
  const long signal =
      system_call(SYS_rt_sigtimedwait, &set, &info, call.arg[1] < 0 ? nullptr : &at_once, kSetSize);
  if (signal > 0) result.info = what_it_says(info);
  return signal;
}

long rt_sigsuspend(const Call& call, CallResult&) {
  const std::int64_t set = call.arg[0];
  return system_call(SYS_rt_sigsuspend, &set, kSetSize);
}

long sigaltstack(const Call& call, CallResult&) {
  return set_alternate_stack(static_cast<int>(call.arg[0]));
}

}  // namespace knell::conform::puppet
