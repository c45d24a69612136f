#include "knell/script/forms.hpp"

#include <algorithm>

namespace knell::script {
namespace {

// The numbers are those of include/uapi (x86-64; arm64 and RISC-V have the same).

constexpr Choice kHandlers[] = {{"default", 0}, {"ignore", 1}, {"returns", 2}, {"holds", 3}};
constexpr Choice kActionFlags[] = {{"nocldstop", 0x1},       {"nocldwait", 0x2},
                                   {"siginfo", 0x4},         {"onstack", 0x8000000},
                                   {"restart", 0x10000000},  {"nodefer", 0x40000000},
                                   {"resethand", 0x80000000}};
constexpr Choice kMaskChanges[] = {{"block", 0}, {"unblock", 1}, {"set", 2}};
constexpr Choice kSigWait[] = {{"nowait", 0}};
constexpr Choice kAltStack[] = {{"on", 0}, {"off", 2}, {"autodisarm", 0x80000000}};
constexpr Choice kCodes[] = {
    {"USER", 0}, {"QUEUE", -1}, {"TIMER", -2}, {"TKILL", -6}, {"KERNEL", 0x80}};
constexpr Choice kPidfdFlags[] = {{"thread", 1}, {"process", 2}, {"group", 4}};
constexpr Choice kPidfdOpen[] = {{"pidfd_thread", 0x80}};

constexpr Choice kCloneFlags[] = {
    {"VM", 0x100},          {"FS", 0x200},          {"FILES", 0x400},
    {"SIGHAND", 0x800},     {"PIDFD", 0x1000},      {"PTRACE", 0x2000},
    {"VFORK", 0x4000},      {"PARENT", 0x8000},     {"THREAD", 0x10000},
    {"NEWNS", 0x20000},     {"SYSVSEM", 0x40000},   {"SETTLS", 0x80000},
    {"UNTRACED", 0x800000}, {"NEWIPC", 0x8000000},  {"NEWUSER", 0x10000000},
    {"NEWPID", 0x20000000}, {"NEWNET", 0x40000000}, {"CLEAR_SIGHAND", 0x100000000}};
constexpr std::int64_t kFork = 0;
constexpr std::int64_t kVfork = 0x100 | 0x4000;  // VM | VFORK
// VM | FS | FILES | SIGHAND | THREAD: what a thread library asks for, as far as it is modelled.
constexpr std::int64_t kThread = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000;
constexpr std::int64_t kSigchld = 17;

constexpr Choice kAnyChild[] = {{"any", -1}};
constexpr Choice kWaitOptions[] = {
    {"nohang", 0x1},      {"untraced", 0x2},      {"continued", 0x8},      {"nowait", 0x1000000},
    {"wall", 0x40000000}, {"wclone", 0x80000000}, {"nothread", 0x20000000}};
constexpr Choice kWaitidOptions[] = {
    {"exited", 0x4}, {"stopped", 0x2},     {"continued", 0x8},     {"nowait", 0x1000000},
    {"nohang", 0x1}, {"wall", 0x40000000}, {"wclone", 0x80000000}, {"nothread", 0x20000000}};
constexpr Choice kIdTypes[] = {{"all", 0}, {"pid", 1}, {"group", 2}, {"pidfd", 3}};
constexpr Choice kSwitch[] = {{"on", 1}, {"off", 0}};
constexpr Choice kLimits[] = {{"sigpending", 11}};
constexpr Choice kRequests[] = {{"traceme", 0},    {"cont", 7},           {"kill", 8},
                                {"attach", 0x10},  {"detach", 0x11},      {"setoptions", 0x4200},
                                {"seize", 0x4206}, {"interrupt", 0x4207}, {"listen", 0x4208}};
constexpr Choice kTraceData[] = {{"exitkill", 0x100000}};

constexpr Choice kFlock[] = {{"shared", 1}, {"exclusive", 2}, {"nonblock", 4}, {"unlock", 8}};
constexpr Choice kRecordLock[] = {{"read", 0}, {"write", 1}, {"unlock", 2}};
constexpr Choice kWaits[] = {{"wait", 1}};
constexpr Choice kSemaphoreFlags[] = {{"nowait", 0x800}, {"undo", 0x1000}};
constexpr Choice kNoCtty[] = {{"noctty", 0x100}};
constexpr Choice kForce[] = {{"force", 1}};

using enum Slot::Kind;

constexpr Form kForms[] = {
    {"kill", "", "TASK SIGNAL", Sys::kill, {{{target, 0}, {signal, 1}}}, {}},
    {"tkill", "", "TASK SIGNAL", Sys::tkill, {{{target, 0}, {signal, 1}}}, {}},
    {"tgkill",
     "",
     "PROCESS THREAD SIGNAL",
     Sys::tgkill,
     {{{target, 0}, {target, 1}, {signal, 2}}},
     {}},
    {"sigqueue",
     "",
     "PROCESS SIGNAL [VALUE]",
     Sys::rt_sigqueueinfo,
     {{{target, 0}, {signal, 1}, {number, 3, {}, 0}}},
     {{{}, {}, -1}}},
    {"rt_sigqueueinfo",
     "",
     "PROCESS SIGNAL code CODE [value N]",
     Sys::rt_sigqueueinfo,
     {{{target, 0}, {signal, 1}, {choice, 2, kCodes, {}, "code"}, {number, 3, {}, 0, "value"}}},
     {}},
    {"tgsigqueue",
     "",
     "PROCESS THREAD SIGNAL [VALUE]",
     Sys::rt_tgsigqueueinfo,
     {{{target, 0}, {target, 1}, {signal, 2}, {number, 4, {}, 0}}},
     {{{}, {}, {}, -1}}},
    {"rt_tgsigqueueinfo",
     "",
     "PROCESS THREAD SIGNAL code CODE [value N]",
     Sys::rt_tgsigqueueinfo,
     {{{target, 0},
       {target, 1},
       {signal, 2},
       {choice, 3, kCodes, {}, "code"},
       {number, 4, {}, 0, "value"}}},
     {}},
    {"pidfd_send_signal",
     "",
     "TASK SIGNAL [thread|process|group] [pidfd_thread]",
     Sys::pidfd_send_signal,
     {{{target, 0}, {signal, 1}, {flags, 2, kPidfdFlags, 0}, {choice, 3, kPidfdOpen, 0}}},
     {}},

    {"sigaction",
     "rt_sigaction",
     "SIGNAL returns|holds|ignore|default [FLAGS...] [mask SIGNALS]",
     Sys::rt_sigaction,
     {{{signal, 0}, {choice, 1, kHandlers}, {flags, 2, kActionFlags, 0}, {set, 3, {}, 0, "mask"}}},
     {}},
    {"block", "", "SIGNALS", Sys::rt_sigprocmask, {{{set, 1}}}, {{0}}},
    {"unblock", "", "SIGNALS", Sys::rt_sigprocmask, {{{set, 1}}}, {{1}}},
    {"setmask", "", "SIGNALS", Sys::rt_sigprocmask, {{{set, 1}}}, {{2}}},
    {"sigprocmask",
     "rt_sigprocmask",
     "block|unblock|set SIGNALS",
     Sys::rt_sigprocmask,
     {{{choice, 0, kMaskChanges}, {set, 1}}},
     {}},
    {"sigpending", "rt_sigpending", "", Sys::rt_sigpending, {}, {}},
    {"sigwait",
     "rt_sigtimedwait",
     "SIGNALS [nowait]",
     Sys::rt_sigtimedwait,
     {{{set, 0}, {choice, 1, kSigWait, -1}}},
     {}},
    {"sigsuspend", "rt_sigsuspend", "SIGNALS", Sys::rt_sigsuspend, {{{set, 0}}}, {}},
    {"pause", "", "", Sys::pause, {}, {}},
    {"sigaltstack", "", "on|off|autodisarm", Sys::sigaltstack, {{{choice, 0, kAltStack}}}, {}},
    {"return", "rt_sigreturn", "", Sys::rt_sigreturn, {}, {}},

    {"fork", "", "-> NAME", Sys::clone, {}, {{kFork, kSigchld}}},
    {"vfork", "", "-> NAME", Sys::clone, {}, {{kVfork, kSigchld}}},
    {"thread", "", "-> NAME", Sys::clone, {}, {{kThread, 0}}},
    {"clone",
     "",
     "[FLAGS...] [exit=SIGNAL] -> NAME",
     Sys::clone,
     {{{flags, 0, kCloneFlags, 0}, {signal, 1, {}, kSigchld, "exit="}}},
     {}},
    {"exec", "execve", "", Sys::execve, {}, {}},
    {"exit", "", "[CODE]", Sys::exit, {{{number, 0, {}, 0}}}, {}},
    {"exit_group", "", "[CODE]", Sys::exit_group, {{{number, 0, {}, 0}}}, {}},
    {"wait",
     "wait4",
     "[CHILD|any] [nohang] [untraced] [continued]",
     Sys::wait4,
     {{{target, 0, kAnyChild, -1}, {flags, 1, kWaitOptions, 0}}},
     {}},
    {"waitid",
     "",
     "all|pid|group|pidfd [CHILD] exited|stopped|continued [nowait] [nohang]",
     Sys::waitid,
     {{{choice, 0, kIdTypes}, {target, 1, {}, 0}, {flags, 2, kWaitidOptions, 0}}},
     {}},

    {"setpgid", "", "PROCESS GROUP", Sys::setpgid, {{{target, 0}, {target, 1}}}, {}},
    {"setsid", "", "", Sys::setsid, {}, {}},
    {"setresuid",
     "",
     "REAL EFFECTIVE SAVED",
     Sys::setresuid,
     {{{user, 0}, {user, 1}, {user, 2}}},
     {}},
    {"pdeathsig", "", "SIGNAL", Sys::prctl, {{{signal, 1}}}, {{1}}},
    {"subreaper", "", "on|off", Sys::prctl, {{{choice, 1, kSwitch}}}, {{36}}},
    {"prlimit", "", "sigpending N", Sys::prlimit, {{{choice, 0, kLimits}, {number, 1}}}, {}},
    {"ptrace",
     "",
     "REQUEST [TASK] [SIGNAL|exitkill]",
     Sys::ptrace,
     {{{choice, 0, kRequests}, {target, 1, {}, 0}, {signal, 2, kTraceData, 0}}},
     {}},

    {"pipe", "", "", Sys::pipe, {}, {}},
    {"read", "", "FD", Sys::read, {{{number, 0}}}, {}},
    {"write", "", "FD", Sys::write, {{{number, 0}}}, {}},
    {"close", "", "FD", Sys::close, {{{number, 0}}}, {}},
    {"signalfd", "", "SIGNALS", Sys::signalfd, {{{set, 0}}}, {}},
    {"open", "", "FILE", Sys::open, {{{number, 0}}}, {}},
    {"flock",
     "",
     "FD shared|exclusive|unlock [nonblock]",
     Sys::flock,
     {{{number, 0}, {flags, 1, kFlock}}},
     {}},
    {"setlk",
     "fcntl_setlk",
     "FD read|write|unlock [wait]",
     Sys::fcntl_setlk,
     {{{number, 0}, {choice, 1, kRecordLock}, {choice, 2, kWaits, 0}}},
     {}},

    {"lock", "robust_lock", "LOCK", Sys::robust_lock, {{{number, 0}}}, {{{}, 1}}},
    {"trylock", "", "LOCK", Sys::robust_lock, {{{number, 0}}}, {{{}, 0}}},
    {"unlock", "robust_unlock", "LOCK", Sys::robust_unlock, {{{number, 0}}}, {}},
    {"semop",
     "",
     "SEMAPHORE DELTA [undo] [nowait]",
     Sys::semop,
     {{{number, 0}, {number, 1}, {flags, 2, kSemaphoreFlags, 0}}},
     {}},
    {"shmat", "", "", Sys::shmat, {}, {}},
    {"shmdt", "", "", Sys::shmdt, {}, {}},

    {"open_tty",
     "",
     "[noctty] [tty N]",
     Sys::open_tty,
     {{{choice, 0, kNoCtty, 0}, {number, 1, {}, 0, "tty"}}},
     {}},
    {"tiocsctty", "", "FD [force]", Sys::tiocsctty, {{{number, 0}, {choice, 1, kForce, 0}}}, {}},
    {"tiocnotty", "", "FD", Sys::tiocnotty, {{{number, 0}}}, {}},
    {"tcsetpgrp", "", "FD GROUP", Sys::tcsetpgrp, {{{number, 0}, {target, 1}}}, {}},
    {"tcgetpgrp", "", "FD", Sys::tcgetpgrp, {{{number, 0}}}, {}},

    {"setitimer",
     "",
     "TIME [every TIME]",
     Sys::setitimer,
     {{{duration, 1}, {duration, 2, {}, 0, "every"}}},
     {{0}}},
    {"alarm", "", "SECONDS", Sys::alarm, {{{number, 0}}}, {}},
    {"sleep", "nanosleep", "TIME", Sys::nanosleep, {{{duration, 0}}}, {}},
    {"fault", "", "SEGV|FPE|ILL|BUS|TRAP", Sys::fault, {{{signal, 0}}}, {}},
};

}  // namespace

std::span<const Form> forms() {
  return kForms;
}

const Form* form_of(std::string_view word) {
  const auto* found = std::ranges::find_if(kForms, [&](const Form& form) {
    return form.word == word || (!form.also.empty() && form.also == word);
  });
  return found == std::end(kForms) ? nullptr : found;
}

std::optional<Sys> call_named(std::string_view word) {
  if (const Form* form = form_of(word)) return form->nr;
  for (int number = 1; number <= static_cast<int>(Sys::fault); ++number)
    if (name_of(static_cast<Sys>(number)) == word) return static_cast<Sys>(number);
  return {};
}

}  // namespace knell::script
