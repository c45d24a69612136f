#pragma once

/// What happened, as a list: the kernel room writes it while it changes a World, and the real
/// kernel's own reports are brought into the same shape.

#include <cstdint>
#include <string_view>
#include <vector>

#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"
#include "knell/world/world.hpp"

namespace knell {

struct Event {
  enum class Kind : std::uint8_t {
    signal_generate,  ///< `other` sent `signal` to `task`; `value`: a GenerateResult
    signal_denied,    ///< check_kill_permission said no to `other`; `value`: the errno
    signal_deliver,   ///< `task` takes `signal` for its default action, which ends it
    signal_handler,   ///< the kernel hands `signal` to `task`'s own handler
    signal_ignored,   ///< delivered and thrown away
    ptrace_stop,      ///< `task` stops for its tracer, which decides about `signal`
    job_stop,         ///< `task`'s group stops for `signal`
    job_continue,     ///< `task`'s group goes on
    group_exit,       ///< the end of `task`'s whole group is decided; `value`: its exit code
    exit_mm,          ///< `task` was its memory's last user; `value`: bytes given back
    exit_files,       ///< `task` was its descriptors' last user; `value`: how many
    reparent,         ///< `task` becomes a child of `other`
    notify_parent,    ///< `other` gets SIGCHLD for `task`
    zombie,           ///< `task` ended and waits to be waited for
    release,          ///< `task` is gone; `other` waited for it (none: nobody had to)
    function,         ///< `task` is in the kernel function `name`; `value`: how deep
    sys_enter,        ///< `task` makes the call `name`
    sys_exit,         ///< `task` has `value` from the call `name`: UserContext::last has the rest
    sleep,            ///< `task` sleeps in the call `name`
    restart,          ///< `task` makes the call `name` again, which a signal interrupted
    handler_enter,    ///< the handler of `task` for `signal` begins to run
    sigreturn,        ///< `task` leaves its handler for `signal`
    fork,             ///< `task` is new; `other` made it
    exec,             ///< `task` runs a program anew
    stop_notify,  ///< `other` gets SIGCHLD: `task` stopped, went on or trapped; `value`: si_code
    step,         ///< of do_exit: `task` is at step `name`
    resource,     ///< `task` gives back or gets something: `name` says what, `value` how much
    oom,          ///< the OOM killer chose `task`
    timer,        ///< a timer of `task` fired
    terminal,     ///< a terminal did `name` (`task`: whose controlling terminal, if one)
  };
  Kind kind = Kind::signal_generate;
  TaskIndex task;
  TaskIndex other;
  Signal signal;
  std::int64_t value = 0;
  std::string_view name;  ///< a literal
  bool operator==(const Event&) const = default;
};

/// The result that the signal_generate tracepoint tells (include/trace/events/signal.h).
enum class GenerateResult : std::uint8_t { delivered, ignored, already_pending };

using EventLog = std::vector<Event>;

}  // namespace knell
