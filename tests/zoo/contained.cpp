/// Inits of pid namespaces: no signal from inside reaches them without a handler, and of those from
/// outside only SIGKILL and SIGSTOP do (pid_namespaces(7)).

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

/// clone(2) without a stack of its own, which is fork into a new pid namespace. A plain user may
/// make one only together with a user namespace.
template <typename Then>
void start_init(const Then& then) {
  unsigned long flags = CLONE_NEWPID | SIGCHLD;
  if (::geteuid() != 0) flags |= CLONE_NEWUSER;
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  const long child = ::syscall(SYS_clone, flags, 0, 0, 0, 0);
  if (child < 0) give_up("make a pid namespace");
  if (child > 0) return;
  // Who has no number in its user namespace may make no further one: create_user_ns.
  if (user != 0 && !keep_own_number(user, group)) give_up("keep its user's number");
  then();
  ::_exit(0);
}

/// An init, a child of it, and one that init has inherited from its dead parent.
void be_init(const Life& life, const Muster& muster) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::signal(signal, SIG_IGN);
  const auto rest = [&] {
    muster.here();
    life.rest();
  };
  start(rest);
  start_stray(rest);
  muster.here();
}

void live_contained(const Life& life) {
  const Muster muster;
  start_init([&] {
    be_init(life, muster);
    start_init([&] {
      be_init(life, muster);
      life.rest();
    });
    life.rest();
  });
  muster.wait_for(6);
  life.stands(::getpid());
  life.rest();
}

}  // namespace

std::vector<Animal> contained() {
  return {{.name = "pid-namespaces",
           .what = "a pid namespace in another, inits deaf to TERM, strays in both",
           .must = "all seven are gone",
           .live = live_contained}};
}

}  // namespace knell::zoo
