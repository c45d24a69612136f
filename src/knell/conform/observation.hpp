#pragma once

/// What both a World and real processes can be asked about, when everybody is at rest.

#include <cstdint>
#include <string>
#include <vector>

#include "knell/world/call.hpp"
#include "knell/world/context.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"
#include "knell/world/world.hpp"

namespace knell::conform {

/// What a thread is doing.
enum class Doing : std::uint8_t {
  program,  ///< in user mode: it would take a call
  call,     ///< asleep in a call
  stopped,
  traced,
  zombie,  ///< ended and not waited for (of a leader: perhaps with threads that live)
};

/// A thread, as /proc/TID/status and its program tell it. Numbers are those of the first pid
/// namespace of the scenario.
struct TaskSeen {
  Pid pid;
  Pid tgid;
  Doing doing = Doing::program;
  Sys in_call = Sys::none;  ///< with Doing::call: which
  Pid parent;               ///< PPid: the process number of its real parent; 0: from outside
  Pid tracer;
  Pgid pgrp;
  Sid session;
  Uid uid, euid, suid;
  SigSet pending;         ///< SigPnd
  SigSet shared_pending;  ///< ShdPnd
  SigSet blocked, ignored, caught;
  std::uint32_t threads = 1;
  std::uint32_t frames = 0;     ///< handlers it is in; 0 of one that has ended
  std::uint32_t returned = 0;   ///< calls that have returned
  CallResult last;              ///< of the last one; pids in it as its own namespace numbers them
  std::vector<HandlerRun> ran;  ///< handlers that began to run since the last observation
  bool operator==(const TaskSeen&) const = default;
};

/// All threads that are not gone, ascending by pid.
struct Observation {
  std::vector<TaskSeen> tasks;
  bool operator==(const Observation&) const = default;
};

/// A World's. Handlers that ran are those in the contexts (`UserContext::ran`), which the caller
/// empties before each step.
[[nodiscard]] Observation observe(const World& world);

/// The differences, a line each: "job: blocked is {TERM}, was foretold {}". Empty: none.
[[nodiscard]] std::vector<std::string> differences(const Observation& foretold,
                                                   const Observation& came);

}  // namespace knell::conform
