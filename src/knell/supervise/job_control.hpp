#pragma once

/// What a terminal has to do with a supervisor and its command, which are one job of the shell's.

#include <sys/signalfd.h>

#include <chrono>
#include <optional>

#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"

namespace knell::supervise {

/// Whether the kernel has sent this signal for the terminal's sake to the whole process group, the
/// command included: Ctrl-C and Ctrl-Z (isig() of drivers/tty/n_tty.c), reading in the background,
/// a new size. Then it must not be passed on: it would arrive twice.
[[nodiscard]] bool came_to_all(const signalfd_siginfo& info, Pid command);

/// Whether the command, stopped by this signal, is the job that a person sees: then the shell must
/// see its parent stopped, too. A command that stops itself elsewhere is no reason to.
[[nodiscard]] bool stops_the_job(Signal by);

/// Stops the caller until it gets SIGCONT, from others or after so long: a time-out holds for a
/// stopped job as well.
void stop_oneself(std::optional<std::chrono::milliseconds> longest);

}  // namespace knell::supervise
