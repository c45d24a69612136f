#pragma once

/// What children of tests do (see Child), all of them until they are killed.

#include <sys/types.h>

#include "support/child.hpp"

namespace knell::test::behaviour {

/// Nothing.
[[nodiscard]] Behaviour sleeping();
[[nodiscard]] Behaviour ignoring(int signal);
[[nodiscard]] Behaviour blocking(int signal);
/// Catches the signal, and then does this. Says ready by itself.
[[nodiscard]] Behaviour on(int signal, Behaviour then);
/// Catches the signal and exits with this status.
[[nodiscard]] Behaviour exiting_on(int signal, int status);
/// Has so many children, which sleep; each introduces itself (see children_of). They go with it.
[[nodiscard]] Behaviour having_children(std::int64_t count);
/// Has a child that ended with status 3 and is not waited for; introduces the zombie.
[[nodiscard]] Behaviour keeping_a_zombie();
/// Its first thread has ended, another lives.
[[nodiscard]] Behaviour leader_gone();
/// Forks twice; the grandchild makes a session of its own, introduces itself and does `then`. Keep
/// a Guard on it. The child itself ends.
[[nodiscard]] Behaviour straying(Behaviour then);
/// Leads a process group of its own.
[[nodiscard]] Behaviour leading_a_group(Behaviour then);
/// Is an unprivileged user with this uid and gid.
[[nodiscard]] Behaviour as_user(uid_t user, Behaviour then);

/// fork(2), for a child that is killed when its parent ends, however soon that is.
[[nodiscard]] pid_t fork_bound();

/// Never returns.
[[noreturn]] void sleep_for_ever();

}  // namespace knell::test::behaviour
