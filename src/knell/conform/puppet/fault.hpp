#pragma once

#include <ucontext.h>

#include <csignal>

namespace knell::conform::puppet {

/// If the signal is of an instruction of `fault`, the handler's return leads behind it.
void go_on_behind_fault(const siginfo_t& info, ucontext_t& interrupted);

}  // namespace knell::conform::puppet
