/// Each way to write a call, held against the numbers that Linux' own headers have.

#include <linux/prctl.h>
#include <linux/sched.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "knell/script/parse.hpp"
#include "knell/script/print.hpp"

namespace knell::script {
namespace {

using Kind = Argument::Kind;

constexpr std::int64_t bit(int signal) {
  return std::int64_t{1} << (signal - 1);
}

Argument number(std::int64_t value) {
  return {.value = value};
}
Argument of(Kind kind, std::string name) {
  return {.kind = kind, .name = std::move(name)};
}
Argument task(std::string name) {
  return of(Kind::task, std::move(name));
}

struct Written {
  std::string text;
  Sys nr;
  std::vector<Argument> arguments;
};

CallStep call_in(const std::string& text) {
  const Result<Step> step = parse_step("init: " + text);
  EXPECT_TRUE(step) << text << ": " << (step ? "" : step.error().message());
  return step ? std::get<CallStep>(step->what) : CallStep();
}

void expect_all(const std::vector<Written>& all) {
  for (const Written& written : all) {
    const CallStep step = call_in(written.text);
    EXPECT_EQ(step.actor, "init");
    EXPECT_EQ(step.nr, written.nr) << written.text;
    for (std::size_t i = 0; i < step.arguments.size(); ++i) {
      const Argument expected = i < written.arguments.size() ? written.arguments[i] : Argument();
      EXPECT_EQ(step.arguments[i], expected) << written.text << ", argument " << i;
    }
  }
}

TEST(Forms, OfSignalsSent) {
  expect_all({
      {"kill job TERM", Sys::kill, {task("job"), number(SIGTERM)}},
      {"kill -job 9", Sys::kill, {of(Kind::minus_task, "job"), number(SIGKILL)}},
      {"kill -group:job HUP", Sys::kill, {of(Kind::minus_group, "job"), number(SIGHUP)}},
      {"kill -1 SIGTERM", Sys::kill, {number(-1), number(SIGTERM)}},
      {"kill 0 0", Sys::kill, {}},
      {"kill 4711 65", Sys::kill, {number(4711), number(65)}},
      {"tkill job RTMIN+1", Sys::tkill, {task("job"), number(35)}},
      {"tgkill job worker INT", Sys::tgkill, {task("job"), task("worker"), number(SIGINT)}},
      {"sigqueue job USR1 5",
       Sys::rt_sigqueueinfo,
       {task("job"), number(SIGUSR1), number(SI_QUEUE), number(5)}},
      {"sigqueue job USR1", Sys::rt_sigqueueinfo, {task("job"), number(SIGUSR1), number(SI_QUEUE)}},
      {"rt_sigqueueinfo job USR1 code USER value 7",
       Sys::rt_sigqueueinfo,
       {task("job"), number(SIGUSR1), number(SI_USER), number(7)}},
      {"rt_sigqueueinfo job USR1 code TKILL",
       Sys::rt_sigqueueinfo,
       {task("job"), number(SIGUSR1), number(SI_TKILL)}},
      {"tgsigqueue job worker USR1 -3",
       Sys::rt_tgsigqueueinfo,
       {task("job"), task("worker"), number(SIGUSR1), number(SI_QUEUE), number(-3)}},
      {"pidfd_send_signal job TERM", Sys::pidfd_send_signal, {task("job"), number(SIGTERM)}},
      // include/uapi/linux/pidfd.h: PIDFD_SIGNAL_THREAD, _THREAD_GROUP, _PROCESS_GROUP,
      // PIDFD_THREAD (O_EXCL).
      {"pidfd_send_signal job TERM thread pidfd_thread",
       Sys::pidfd_send_signal,
       {task("job"), number(SIGTERM), number(1), number(0200)}},
      {"pidfd_send_signal job TERM group",
       Sys::pidfd_send_signal,
       {task("job"), number(SIGTERM), number(4)}},
  });
}

TEST(Forms, OfSignalsCaughtAndBlocked) {
  expect_all({
      {"sigaction TERM default", Sys::rt_sigaction, {number(SIGTERM)}},
      {"sigaction TERM ignore", Sys::rt_sigaction, {number(SIGTERM), number(1)}},
      {"sigaction TERM returns", Sys::rt_sigaction, {number(SIGTERM), number(2)}},
      {"rt_sigaction TERM holds restart siginfo mask HUP INT",
       Sys::rt_sigaction,
       {number(SIGTERM), number(3), number(SA_RESTART | SA_SIGINFO),
        number(bit(SIGHUP) | bit(SIGINT))}},
      {"sigaction CHLD returns nocldstop nocldwait nodefer resethand onstack",
       Sys::rt_sigaction,
       {number(SIGCHLD), number(2),
        number(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_NODEFER | std::int64_t{SA_RESETHAND & 0xffffffff} |
               SA_ONSTACK)}},
      {"block HUP 64", Sys::rt_sigprocmask, {number(SIG_BLOCK), number(bit(SIGHUP) | bit(64))}},
      {"unblock all", Sys::rt_sigprocmask, {number(SIG_UNBLOCK), number(-1)}},
      {"setmask none", Sys::rt_sigprocmask, {number(SIG_SETMASK)}},
      {"sigprocmask unblock INT", Sys::rt_sigprocmask, {number(SIG_UNBLOCK), number(bit(SIGINT))}},
      {"sigpending", Sys::rt_sigpending, {}},
      {"sigwait TERM INT", Sys::rt_sigtimedwait, {number(bit(SIGTERM) | bit(SIGINT)), number(-1)}},
      {"sigwait TERM nowait", Sys::rt_sigtimedwait, {number(bit(SIGTERM))}},
      {"sigsuspend none", Sys::rt_sigsuspend, {}},
      {"pause", Sys::pause, {}},
      {"sigaltstack on", Sys::sigaltstack, {}},
      {"sigaltstack off", Sys::sigaltstack, {number(SS_DISABLE)}},
      {"sigaltstack autodisarm", Sys::sigaltstack, {number(std::int64_t{1} << 31)}},
      {"return", Sys::rt_sigreturn, {}},
  });
}

TEST(Forms, OfTasksBegunAndEnded) {
  expect_all({
      {"fork -> job", Sys::clone, {number(0), number(SIGCHLD)}},
      {"vfork -> job", Sys::clone, {number(CLONE_VM | CLONE_VFORK), number(SIGCHLD)}},
      {"thread -> job",
       Sys::clone,
       {number(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)}},
      {"clone NEWPID -> box", Sys::clone, {number(CLONE_NEWPID), number(SIGCHLD)}},
      {"clone PARENT exit=USR1 -> job", Sys::clone, {number(CLONE_PARENT), number(SIGUSR1)}},
      {"clone VM SIGHAND exit=0 -> job", Sys::clone, {number(CLONE_VM | CLONE_SIGHAND)}},
      {"clone CLEAR_SIGHAND", Sys::clone, {number(CLONE_CLEAR_SIGHAND), number(SIGCHLD)}},
      {"exec", Sys::execve, {}},
      {"exit", Sys::exit, {}},
      {"exit 3", Sys::exit, {number(3)}},
      {"exit_group 255", Sys::exit_group, {number(255)}},
      {"wait", Sys::wait4, {number(-1)}},
      {"wait any nohang", Sys::wait4, {number(-1), number(WNOHANG)}},
      {"wait nohang", Sys::wait4, {number(-1), number(WNOHANG)}},
      {"wait job nohang untraced continued nowait",
       Sys::wait4,
       {task("job"), number(WNOHANG | WUNTRACED | WCONTINUED | WNOWAIT)}},
      {"wait -job wall wclone nothread",
       Sys::wait4,
       {of(Kind::minus_task, "job"), number(__WALL | std::int64_t{0x80000000} | __WNOTHREAD)}},
      {"waitid all exited", Sys::waitid, {number(P_ALL), number(0), number(WEXITED)}},
      {"waitid pid job exited nowait",
       Sys::waitid,
       {number(P_PID), task("job"), number(WEXITED | WNOWAIT)}},
      {"waitid group group:job stopped",
       Sys::waitid,
       {number(P_PGID), of(Kind::group, "job"), number(WSTOPPED)}},
      {"waitid pidfd job continued", Sys::waitid, {number(3), task("job"), number(WCONTINUED)}},
  });
}

TEST(Forms, OfGroupsSessionsCredentials) {
  expect_all({
      {"setpgid 0 0", Sys::setpgid, {}},
      {"setpgid job group:shell", Sys::setpgid, {task("job"), of(Kind::group, "shell")}},
      {"setsid", Sys::setsid, {}},
      {"setresuid 1001 same 0", Sys::setresuid, {number(1001), number(-1), number(0)}},
      {"pdeathsig TERM", Sys::prctl, {number(PR_SET_PDEATHSIG), number(SIGTERM)}},
      {"subreaper on", Sys::prctl, {number(PR_SET_CHILD_SUBREAPER), number(1)}},
      {"prlimit sigpending 3", Sys::prlimit, {number(RLIMIT_SIGPENDING), number(3)}},
      {"ptrace traceme", Sys::ptrace, {number(PTRACE_TRACEME)}},
      {"ptrace seize job exitkill",
       Sys::ptrace,
       {number(PTRACE_SEIZE), task("job"), number(PTRACE_O_EXITKILL)}},
      {"ptrace attach job", Sys::ptrace, {number(PTRACE_ATTACH), task("job")}},
      {"ptrace cont job TERM", Sys::ptrace, {number(PTRACE_CONT), task("job"), number(SIGTERM)}},
      {"ptrace detach job", Sys::ptrace, {number(PTRACE_DETACH), task("job")}},
      {"ptrace interrupt job", Sys::ptrace, {number(PTRACE_INTERRUPT), task("job")}},
      {"ptrace listen job", Sys::ptrace, {number(PTRACE_LISTEN), task("job")}},
      {"ptrace kill job", Sys::ptrace, {number(PTRACE_KILL), task("job")}},
      {"ptrace setoptions job exitkill",
       Sys::ptrace,
       {number(PTRACE_SETOPTIONS), task("job"), number(PTRACE_O_EXITKILL)}},
  });
}

TEST(Forms, OfFilesAndWhatIsShared) {
  expect_all({
      {"pipe", Sys::pipe, {}},
      {"read 3", Sys::read, {number(3)}},
      {"write 4", Sys::write, {number(4)}},
      {"close 3", Sys::close, {number(3)}},
      {"signalfd CHLD", Sys::signalfd, {number(bit(SIGCHLD))}},
      {"open 7", Sys::open, {number(7)}},
      {"flock 3 exclusive nonblock", Sys::flock, {number(3), number(LOCK_EX | LOCK_NB)}},
      {"flock 3 shared", Sys::flock, {number(3), number(LOCK_SH)}},
      {"flock 3 unlock", Sys::flock, {number(3), number(LOCK_UN)}},
      {"setlk 3 write wait", Sys::fcntl_setlk, {number(3), number(F_WRLCK), number(1)}},
      {"setlk 3 read", Sys::fcntl_setlk, {number(3), number(F_RDLCK)}},
      {"setlk 3 unlock", Sys::fcntl_setlk, {number(3), number(F_UNLCK)}},
      {"lock 2", Sys::robust_lock, {number(2), number(1)}},
      {"trylock 2", Sys::robust_lock, {number(2)}},
      {"unlock 2", Sys::robust_unlock, {number(2)}},
      {"semop 1 -2 undo nowait",
       Sys::semop,
       {number(1), number(-2), number(SEM_UNDO | IPC_NOWAIT)}},
      {"shmat", Sys::shmat, {}},
      {"shmdt", Sys::shmdt, {}},
      {"open_tty", Sys::open_tty, {}},
      {"open_tty noctty tty 1", Sys::open_tty, {number(O_NOCTTY), number(1)}},
      {"tiocsctty 0 force", Sys::tiocsctty, {number(0), number(1)}},
      {"tiocnotty 5", Sys::tiocnotty, {number(5)}},
      {"tcsetpgrp 0 job", Sys::tcsetpgrp, {number(0), task("job")}},
      {"tcgetpgrp 1", Sys::tcgetpgrp, {number(1)}},
      {"setitimer 100ms every 2s",
       Sys::setitimer,
       {number(ITIMER_REAL), number(100), number(2000)}},
      {"alarm 2", Sys::alarm, {number(2)}},
      {"sleep 1500ms", Sys::nanosleep, {number(1500)}},
      {"fault SEGV", Sys::fault, {number(SIGSEGV)}},
  });
}

/// Whatever Linux' own name is: it, or its shorter form, can be written.
TEST(Forms, ThereIsOneForEveryCall) {
  for (int nr = 1; nr <= static_cast<int>(Sys::fault); ++nr) {
    const CallStep step{.actor = "init", .nr = static_cast<Sys>(nr)};
    const CallStep back = call_in(print(step));
    EXPECT_EQ(back, step) << print(step);
    const std::string raw = "raw " + std::string(name_of(step.nr)) + " 1 job -2 group:job -job";
    const CallStep full = call_in(raw);
    EXPECT_EQ(full.nr, step.nr) << raw;
    EXPECT_EQ(full.arguments[1], task("job"));
    EXPECT_EQ(full.arguments[2], number(-2));
    EXPECT_EQ(full.arguments[4], of(Kind::minus_task, "job"));
  }
}

/// The shortest form is the one that is printed.
TEST(Forms, ArePrintedAsAPersonWouldWriteThem) {
  for (const char* text :
       {"init: fork -> job",
        "init: vfork -> job",
        "init: thread -> worker",
        "init: clone NEWPID -> box",
        "init: clone VM exit=USR1 -> job",
        "init: block TERM",
        "init: setmask none",
        "init: kill -job TERM = ESRCH",
        "init: wait = job killed TERM",
        "init: wait nohang = nobody",
        "init: lock 0 = sleeps",
        "init: trylock 0 = EBUSY",
        "init: sleep 2s",
        "init: sleep 150ms",
        "init: sigpending = {HUP TERM}",
        "init: sigpending = {}",
        "init: pipe = 0 1",
        "init: sigwait TERM = TERM from job",
        "init: subreaper on",
        "init: return",
        "init: exec",
        "init: ptrace cont job TERM",
        "init: wait = job killed SEGV core",
        "init: wait untraced = job stopped TSTP",
        "init: wait continued = job continued",
        "init: wait = job stopped TRAP event 128",
        "init: wait = job exited 3",
        "type ^C",
        "type ^\\ tty 1",
        "type ^Z",
        "type line",
        "hangup",
        "hangup tty 2",
        "oom job",
        "pass 100ms",
        "pass 3s",
        "expect job runs, not stopped, pending INT TERM, blocked none",
        "expect tty foreground job, session shell, not hung up",
        "expect lock 1 held by job, owner died",
        "expect semaphore 2 is -1",
        "expect segment is 2",
        "expect job handled TERM TERM INT",
        "expect job handled TERM from shell value 5, handled none",
        "expect job zombie killed TERM, gone exited 0, in wait4, in handler HUP",
        "expect job returned job killed TERM, returned 0, returned ESRCH, returned {TERM}"}) {
    const Result<Step> step = parse_step(text);
    ASSERT_TRUE(step) << text << ": " << step.error().message();
    EXPECT_EQ(print(*step), text);
  }
}

}  // namespace
}  // namespace knell::script
