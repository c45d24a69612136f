#pragma once

/// A puppet's handlers, and the stacks they run on.

#include <ucontext.h>

#include <csignal>

#include "knell/conform/puppet/system.hpp"
#include "knell/world/siginfo.hpp"

namespace knell::conform::puppet {

/// The members that mean something (sigaction(2), "The siginfo_t argument"); the others are 0.
SigInfo what_it_says(const siginfo_t& info);

void handler_that_returns(int signal, const siginfo_t* info, ucontext_t* interrupted);
void handler_that_holds(int signal, const siginfo_t* info, ucontext_t* interrupted);

/// sigaltstack(2) with the task's own alternate stack, and these ss_flags.
long set_alternate_stack(int flags);
/// A task that vfork(2) made has its parent's alternate stack, and shares its memory: so it gets
/// one of its own instead, of the same kind.
void replace_inherited_alternate_stack();

}  // namespace knell::conform::puppet
