#pragma once

/// A scenario as a value: what its lines say, before any name has a number. docs/scenario.md is the
/// language's manual; `parse` reads one, `print` writes one, `Run` carries one out.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "knell/kernel/kernel.hpp"
#include "knell/kernel/version.hpp"
#include "knell/world/call.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"

namespace knell::script {

/// Where something stands in the file, both from 1; 0: nowhere, it was not read from one. It is no
/// part of what stands there, so any two are equal.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const Place&) const { return true; }
};

/// An argument of a call: a number, or whose number it is.
struct Argument {
  enum class Kind : std::uint8_t {
    number,       ///< `value`; also signals, sets, flags, durations
    task,         ///< NAME: its number in the caller's pid namespace
    minus_task,   ///< -NAME: that number negated, which means a process group to kill and wait4
    group,        ///< group:NAME: its process group's number
    minus_group,  ///< -group:NAME
    session,      ///< session:NAME
    user,         ///< USER: the uid `value` that the scenario calls `name`
  };
  Kind kind = Kind::number;
  std::int64_t value = 0;
  std::string name;
  Place at;
  bool operator==(const Argument&) const = default;
};

/// What a call is expected to return (behind `=`), or to have returned.
struct Expected {
  enum class Kind : std::uint8_t {
    value,   ///< = 5: the number itself
    values,  ///< = 3 4: of pipe, both descriptors; `value` as CallResult has it
    task,    ///< = job: its number in the caller's pid namespace
    error,   ///< = ESRCH: `value` is the errno
    waited,  ///< = job killed TERM: whom a wait told of, and with which status word (`value`)
    nobody,  ///< = nobody: a wait with nohang found no one
    signal,  ///< = TERM from shell: of sigwait and of a signalfd; `value` the signal, `name` who or
             ///< ""
    set,     ///< = {TERM INT}: of sigpending; `value` has the bits
    sleeps,  ///< = sleeps: it does not return, the caller is asleep in it
  };
  Kind kind = Kind::value;
  std::int64_t value = 0;
  std::string name;
  Place at;
  bool operator==(const Expected&) const = default;
};

/// ACTOR: CALL ARGS... [-> NAME] [= RESULT]
struct CallStep {
  std::string actor;
  Sys nr = Sys::none;
  std::array<Argument, 5> arguments;
  std::string makes;  ///< the name of the task it makes; empty: none
  std::optional<Expected> result;
  Place call_at;
  bool operator==(const CallStep&) const = default;
};

/// type ^C [tty N]
struct KeyStep {
  kernel::Key key = kernel::Key::intr;
  std::uint32_t tty = 0;
  bool operator==(const KeyStep&) const = default;
};

/// hangup [tty N]
struct HangUpStep {
  std::uint32_t tty = 0;
  bool operator==(const HangUpStep&) const = default;
};

/// oom NAME
struct OomStep {
  std::string victim;
  Place victim_at;
  bool operator==(const OomStep&) const = default;
};

/// pass 100ms
struct PassStep {
  std::uint64_t milliseconds = 0;
  bool operator==(const PassStep&) const = default;
};

/// One thing that is to be so. Which members mean something stands behind each kind.
struct Fact {
  enum class Kind : std::uint8_t {
    // Of a task.
    runs,         ///< its program runs: it would make a call
    in_call,      ///< in CALL: asleep in it (`call`)
    stopped,      ///< stopped [SIG]: of a group stop, by this signal (`signal`, 0: any)
    traced,       ///< stopped for its tracer
    zombie,       ///< zombie [STATUS]: ended, not waited for (`number`: the status word, -1: any)
    gone,         ///< gone [STATUS]: nobody can wait for it any more
    alive,        ///< has not ended
    ending,       ///< ends, and waits for others to be gone first
    parent,       ///< parent NAME|nobody
    tracer,       ///< tracer NAME|nobody
    group,        ///< group NAME|N
    session,      ///< session NAME|N
    pid,          ///< pid N: its number in the first pid namespace
    inner_pid,    ///< inner pid N: its number in its own
    user,         ///< user USER|N: its real, effective and saved uid
    pending,      ///< pending SIG...|none: its own and its process's (`set`)
    own_pending,  ///< own pending SIG...|none: those sent to this thread alone
    shared_pending,  ///< shared pending SIG...|none: those sent to its process
    queued,          ///< queued SIG N: how many of it wait
    blocked,         ///< blocked SIG...|none
    ignored,         ///< ignored SIG...|none
    caught,          ///< caught SIG...|none
    handled,         ///< handled SIG...|none: handlers that ran since the beginning (`signals`)
    told,            ///< handled SIG from NAME|kernel|outside [value N]: what the last one of SIG
                     ///< was told
    in_handler,      ///< in handler SIG: the innermost one it is in
    frames,          ///< frames N: how many handlers it is in
    returned,        ///< returned RESULT: what its last call returned (`result`)
    threads,         ///< threads N: of its process, not counting those that are gone
    reaped_by,       ///< reaped by NAME|nobody: who waited for it; nobody had to
    terminal,        ///< terminal N|none: its controlling terminal (`number`, -1: none)
    descriptor,      ///< open N: it has descriptor N
    subreaper,       ///< it adopts orphans below it
    // Of a terminal: expect tty [N] FACTS.
    foreground,   ///< foreground NAME|N|nobody: the process group in its foreground
    terminal_of,  ///< session NAME|N|nobody: the session it is the terminal of
    hung_up,      ///< hung up
    // Of what tasks share.
    held_by,     ///< expect lock N held by NAME
    free,        ///< expect lock N free
    owner_died,  ///< expect lock N owner died
    is,          ///< expect semaphore N is M; expect segment is M (times attached)
  };
  Kind kind = Kind::runs;
  bool negated = false;  ///< not FACT
  std::string name;      ///< of a task or user, "nobody", "kernel", "outside"; empty: `number`
  std::int64_t number = 0;
  Sys call = Sys::none;
  Signal signal;
  SigSet set;
  std::vector<Signal> signals;
  std::optional<Expected> result;
  std::optional<std::int64_t> value;  ///< of `told`
  Place at;
  Place name_at;
  bool operator==(const Fact&) const = default;
};

/// expect SUBJECT FACT, FACT...
struct ExpectStep {
  enum class Subject : std::uint8_t { task, tty, lock, semaphore, segment };
  Subject subject = Subject::task;
  std::string task;
  std::uint32_t number = 0;  ///< of a tty, lock or semaphore
  std::vector<Fact> facts;
  Place subject_at;
  bool operator==(const ExpectStep&) const = default;
};

struct Step {
  using What = std::variant<CallStep, KeyStep, HangUpStep, OomStep, PassStep, ExpectStep>;
  What what;
  std::vector<std::string> remarks;  ///< the comment above it, a line each
  std::string aside;                 ///< the comment behind it
  Place at;
  bool operator==(const Step&) const = default;
};

struct User {
  std::string name;
  Uid uid;
  bool operator==(const User&) const = default;
};

struct Script {
  std::vector<std::string> story;  ///< the first comment, a line each; its first line is the title
  std::optional<kernel::KernelVersion> version;
  std::vector<User> users;
  std::uint32_t ttys = 0;
  std::vector<Step> steps;
  std::vector<std::string> last_remarks;  ///< a comment below the last step
  bool operator==(const Script&) const = default;
};

/// The first task, which every scenario has.
inline constexpr const char* kInit = "init";

/// Words that name no task and no user, because they mean something where a name could stand.
[[nodiscard]] bool is_reserved(std::string_view word);
/// A lower-case letter, then letters, digits, '_' and '-'; not reserved.
[[nodiscard]] bool is_name(std::string_view word);

}  // namespace knell::script
