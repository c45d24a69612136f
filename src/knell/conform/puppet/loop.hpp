#pragma once

#include "knell/world/call.hpp"

namespace knell::conform::puppet {

/// Makes the calls that the stage asks for, one after the other, until it asks for rt_sigreturn.
/// Waiting for one is what a puppet does in user mode: a handler runs on top of it.
void act_until_told_to_return();

/// The program sees what its call returned.
void publish(const CallResult& result);

}  // namespace knell::conform::puppet
