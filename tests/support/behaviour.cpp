#include "support/behaviour.hpp"

#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

namespace knell::test::behaviour {
namespace {

volatile sig_atomic_t caught = 0;

void note(int) {
  caught = 1;
}

sigset_t only(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

void* thread_that_sleeps(void* handshake) {
  while (state_letter(getpid()) != 'Z') sched_yield();  // the leader's end is the next thing
  static_cast<const Handshake*>(handshake)->ready();
  sleep_for_ever();
}

}  // namespace

pid_t fork_bound() {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it ended before this was asked for
  return 0;
}

void sleep_for_ever() {
  while (true) pause();
}

Behaviour sleeping() {
  return [](const Handshake& test) {
    test.ready();
    sleep_for_ever();
  };
}

Behaviour ignoring(int signal) {
  return [=](const Handshake& test) {
    ::signal(signal, SIG_IGN);
    test.ready();
    sleep_for_ever();
  };
}

Behaviour blocking(int signal) {
  return [=](const Handshake& test) {
    const sigset_t set = only(signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    test.ready();
    sleep_for_ever();
  };
}

Behaviour on(int signal, Behaviour then) {
  return [=](const Handshake& test) {
    const sigset_t set = only(signal);
    sigset_t before;
    sigprocmask(SIG_BLOCK, &set, &before);
    ::signal(signal, note);
    test.ready();
    while (caught == 0) sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    then(test);
  };
}

Behaviour exiting_on(int signal, int status) {
  return on(signal, [=](const Handshake&) { _exit(status); });
}

Behaviour having_children(std::int64_t count) {
  return [=](const Handshake& test) {
    ::signal(SIGCHLD, SIG_IGN);  // whoever ends is waited for by nobody, and gone
    for (std::int64_t i = 0; i < count; ++i) {
      if (fork_bound() == 0) {
        test.introduce(getpid());
        sleep_for_ever();
      }
    }
    sleep_for_ever();
  };
}

Behaviour keeping_a_zombie() {
  return [](const Handshake& test) {
    const pid_t child = fork();
    if (child == 0) _exit(3);
    siginfo_t info;
    waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    test.introduce(child);
    sleep_for_ever();
  };
}

Behaviour leader_gone() {
  return [](const Handshake& test) {
    pthread_t thread;
    pthread_create(&thread, nullptr, thread_that_sleeps, const_cast<Handshake*>(&test));
    syscall(SYS_exit, 0);  // of this thread alone
  };
}

Behaviour straying(Behaviour then) {
  return [=](const Handshake& test) {
    const pid_t child = fork();
    if (child > 0) {
      waitpid(child, nullptr, 0);
      return;
    }
    setsid();
    const pid_t middle = getpid();
    if (fork() > 0) _exit(0);
    while (getppid() == middle) sched_yield();
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // of whoever inherited it: the test, under a Subreaper
    test.introduce(getpid());
    then(test);
    _exit(0);
  };
}

Behaviour leading_a_group(Behaviour then) {
  return [=](const Handshake& test) {
    setpgid(0, 0);
    then(test);
  };
}

Behaviour as_user(uid_t user, Behaviour then) {
  return [=](const Handshake& test) {
    if (setgroups(0, nullptr) != 0 || setgid(user) != 0 || setuid(user) != 0) _exit(98);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // lost with the change of user, as is this:
    prctl(PR_SET_DUMPABLE, 1);         // else its files in /proc are root's
    then(test);
  };
}

}  // namespace knell::test::behaviour
