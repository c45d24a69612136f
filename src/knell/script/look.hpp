#pragma once

/// What can be seen of a task from outside, in the terms a scenario uses.

#include <string>

#include "knell/script/run.hpp"
#include "knell/script/script.hpp"
#include "knell/world/world.hpp"

namespace knell::script {

enum class Doing : std::uint8_t {
  runs,     ///< in user mode
  in_call,  ///< asleep in a call
  stopped,
  traced,
  ending,  ///< in do_exit, waiting: the init of a pid namespace for all in it
  zombie,
  gone,
};
[[nodiscard]] Doing doing(const World& world, TaskIndex task);
/// The call it is asleep in, with Doing::in_call.
[[nodiscard]] Sys call_of(const World& world, TaskIndex task);
/// The signal that stopped its group, with Doing::stopped; 0: not known.
[[nodiscard]] Signal stop_signal(const World& world, TaskIndex task);
/// The status word with which it ended, as wait(2) tells or would have told it.
[[nodiscard]] int end_status(const World& world, TaskIndex task);

/// What is pending for the thread: its own and its process's.
[[nodiscard]] SigSet pending(const World& world, TaskIndex task);
/// How many of the signal wait for the thread.
[[nodiscard]] std::size_t queued(const World& world, TaskIndex task, Signal signal);

/// One fact that says what it is doing: runs, in CALL, stopped SIG, traced, zombie STATUS, gone.
[[nodiscard]] Fact doing_fact(const World& world, TaskIndex task);

/// Whom a number means to `task`, in the scenario's words: a name, or the number. Also of those
/// that are gone.
[[nodiscard]] std::string whose_number(const Run& run, TaskIndex task, std::int64_t number);
/// Whom a process group's or session's number means: the name of who leads or led it, or the
/// number; "nobody" for 0.
[[nodiscard]] std::string whose_group(const Run& run, std::int32_t number);

/// Who a signal is from, as far as its receiver is told: a name, "kernel", or "outside" (of its pid
/// namespace).
[[nodiscard]] std::string sender_of(const Run& run, TaskIndex receiver, const SigInfo& info);

/// What the task's last call returned, in the form in which a scenario would expect it.
[[nodiscard]] Expected result_of(const Run& run, TaskIndex task);

/// Why it cannot make a call now: "it is stopped (by TSTP)".
[[nodiscard]] std::string why_not(const Run& run, TaskIndex task);

}  // namespace knell::script
