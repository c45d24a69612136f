#pragma once

/// What became of each, asked of the kernel once the ending is over.

#include "knell/act/herd.hpp"
#include "knell/live/machine.hpp"

namespace knell::act {

/// Settles each outcome: its fate, how it ended, whose zombie it is, and of a survivor what keeps
/// it. Takes a few milliseconds at most to let parents wait for their dead. Children of the
/// caller's are waited for.
void settle(const live::Machine& machine, Herd& herd);

/// For those who did not wait: only whether a signal could be sent.
void settle_unwatched(Herd& herd);

}  // namespace knell::act
