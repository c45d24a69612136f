/// Files, pipes, signalfd, terminals.

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>

#include <cerrno>

#include "knell/conform/puppet/perform.hpp"

namespace knell::conform::puppet {
namespace {

SigInfo what_it_says(const signalfd_siginfo& read) {
  SigInfo said;
  said.signal = Signal(static_cast<int>(read.ssi_signo));
  said.code = read.ssi_code;
  said.pid = Pid(static_cast<std::int32_t>(read.ssi_pid));
  said.uid = Uid(read.ssi_uid);
  said.status = read.ssi_status;
  if (read.ssi_code < 0) said.value = static_cast<std::int64_t>(read.ssi_ptr);
  return said;
}

}  // namespace

long pipe(const Call&, CallResult&) {
  int ends[2];
  const long error = system_call(SYS_pipe2, ends, 0);
  return error < 0 ? error : ends[0] | ends[1] << 16;
}

/// A signalfd refuses to be asked for less than a whole signal, and at once.
long read(const Call& call, CallResult& result) {
  char byte = 0;
  const long count = system_call(SYS_read, call.arg[0], &byte, 1);
  if (count != -EINVAL) return count;
  signalfd_siginfo signal{};
  const long size = system_call(SYS_read, call.arg[0], &signal, sizeof signal);
  if (size > 0) result.info = what_it_says(signal);
  return size;
}

long write(const Call& call, CallResult&) {
  const char byte = 'k';
  return system_call(SYS_write, call.arg[0], &byte, 1);
}

long signalfd(const Call& call, CallResult&) {
  const std::int64_t set = call.arg[0];
  return system_call(SYS_signalfd4, -1, &set, sizeof set, 0);
}

long open(const Call& call, CallResult&) {
  const char name[] = {static_cast<char>('0' + call.arg[0]), 0};
  return system_call(SYS_openat, kFilesFd, name, O_RDWR | O_CREAT, 0666);
}

long fcntl_setlk(const Call& call, CallResult&) {
  struct flock lock{};
  lock.l_type = static_cast<short>(call.arg[1]);
  return system_call(SYS_fcntl, call.arg[0], call.arg[2] != 0 ? F_SETLKW : F_SETLK, &lock);
}

long open_tty(const Call& call, CallResult&) {
  const char* const path = shared().terminals[static_cast<std::size_t>(call.arg[1])].data();
  return system_call(SYS_openat, kFilesFd, path, O_RDWR | call.arg[0]);
}

long tcsetpgrp(const Call& call, CallResult&) {
  const auto group = static_cast<int>(call.arg[1]);
  return system_call(SYS_ioctl, call.arg[0], TIOCSPGRP, &group);
}

long tcgetpgrp(const Call& call, CallResult&) {
  int group = 0;
  const long error = system_call(SYS_ioctl, call.arg[0], TIOCGPGRP, &group);
  return error < 0 ? error : group;
}

}  // namespace knell::conform::puppet
