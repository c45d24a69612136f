#pragma once

namespace knell::conform::puppet {

/// Tells the kernel of this task's list of robust mutexes, which is empty: a task has none when it
/// begins, and none when it begins another program.
void register_robust_list();

}  // namespace knell::conform::puppet
