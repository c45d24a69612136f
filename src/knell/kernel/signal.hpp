#pragma once

/// Between the files of this room: kernel/signal.c of Linux.

#include "knell/kernel/kernel.hpp"

namespace knell::kernel {

// Sending: send.cpp
int check_kill_permission(const Kernel& kernel, Signal signal, Sender sender, TaskIndex target);
int group_send_sig_info(Kernel& kernel, Signal signal, Sender sender, TaskIndex target,
                        PidType type);
int kill_pgrp_info(Kernel& kernel, Signal signal, Sender sender, Pgid group);
/// Sends without asking for permission. `force`: from an ancestor pid namespace, or the kernel.
void send_signal_locked(Kernel& kernel, Signal signal, Sender sender, TaskIndex target,
                        PidType type, bool force);
void signal_wake_up(Kernel& kernel, TaskIndex task, bool fatal);
bool thread_group_empty(const World& world, TaskIndex task);

// Delivering: deliver.cpp
/// Takes signals until one ends the task, one is handed to a handler, or none is left.
void get_signal(Kernel& kernel, TaskIndex task);
void recalc_sigpending(World& world, TaskIndex task);

// Ending: exit.cpp
void do_group_exit(Kernel& kernel, TaskIndex task, int code);
void do_exit(Kernel& kernel, TaskIndex task, int code);
/// Tells the parent; true if nobody will wait for the task, so that it can be released at once.
bool do_notify_parent(Kernel& kernel, TaskIndex task);
void release_task(Kernel& kernel, TaskIndex task, TaskIndex waiter);
/// Who inherits the children of `father`. kernel/exit.c: find_child_reaper, find_new_reaper.
TaskIndex find_new_reaper(const World& world, TaskIndex father);

// Process groups: job_control.cpp
/// SIGHUP and SIGCONT to a group with stopped jobs that the end of `task` leaves without anybody
/// to continue it. `parent`: the one that ends, none if it is `task` itself.
void kill_orphaned_pgrp(Kernel& kernel, TaskIndex task, TaskIndex parent);
bool is_current_pgrp_orphaned(const World& world, TaskIndex task);
void do_signal_stop(Kernel& kernel, TaskIndex task, Signal signal);

/// How a task takes a signal, from its handler table.
Handler handler_of(const World& world, TaskIndex task, Signal signal);

}  // namespace knell::kernel
