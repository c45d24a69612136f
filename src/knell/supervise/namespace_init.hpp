#pragma once

/// The first process of a pid namespace that was made for a command: starts it, waits for whoever
/// is orphaned in there, and tells the supervisor, which is outside, what becomes of the command.

#include <sys/types.h>

#include <cstdint>

#include "knell/supervise/launch.hpp"

namespace knell::supervise {

/// What the init tells, one a message (a SOCK_SEQPACKET socket).
struct Tiding {
  enum class Kind : std::uint8_t {
    failed,   ///< `number`: an errno; nothing was started
    started,  ///< with the command's pidfd (SCM_RIGHTS); `number`: why /proc is not its own, or 0
    changed,  ///< `number`: the command's status word of waitpid(2)
  };
  Kind kind = Kind::failed;
  std::int32_t number = 0;
};

struct InitSettings {
  int socket = -1;
  bool own_users = false;  ///< it was born in a user namespace of its own, too
  uid_t user = 0;          ///< as which it was made
  gid_t group = 0;
  bool keep = false;  ///< goes on when the supervisor has ended
};

/// In the child that clone(2) made with CLONE_NEWPID and CLONE_NEWNS. Ends once nobody else is in
/// the namespace, or, unless `keep`, when the supervisor has ended, and with it ends all in there
/// (zap_pid_ns_processes of kernel/pid_namespace.c).
[[noreturn]] void be_namespace_init(const InitSettings& settings, Launch& launch);

}  // namespace knell::supervise
