#pragma once

namespace knell::conform::puppet {

/// A thread of the scenario's init gets SIGKILL when the stage ends, and with init ends everybody.
/// The kernel forgets this at some calls, and the scenario may ask for another signal: so init says
/// it again. Its parent is outside of the scenario, so nobody in there sees a difference.
void tie_to_stage();

/// Opens a pidfd of that process at a number that no scenario comes to.
long open_pidfd(long pid, long flags);

}  // namespace knell::conform::puppet
