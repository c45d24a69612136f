#pragma once

/// Commands as people start them: a program, found on PATH, and its words.

#include <sys/types.h>

#include <string>
#include <vector>

namespace knell::bench {

using Words = std::vector<std::string>;

/// Starts one. What it prints goes to `output`; -1: nowhere.
[[nodiscard]] pid_t start(const Words& words, int output = -1);
/// Starts one with its output thrown away and waits for it.
void run(const Words& words);

}  // namespace knell::bench
