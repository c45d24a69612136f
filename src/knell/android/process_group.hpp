#pragma once

/// Android's functions for ending processes, by Android's names: those of android.os.Process
/// (frameworks/base/core/jni/android_util_Process.cpp) and of libprocessgroup
/// (system/core/libprocessgroup/include/processgroup/processgroup.h).
///
/// They work on the groups of one place and tell one log, for the whole program: see setDefaults.
/// Where they fail errno says why.

#include <sys/types.h>

#include <string>

#include "knell/android/groups.hpp"

namespace knell::android {

// The names are Android's.
// NOLINTBEGIN(readability-identifier-naming)

/// Where the groups lie, and how they are ended, from now on. "": the environment variable
/// KNELL_ANDROID_ROOT, or ProcessGroups::find_root(). May be called at any time, by any thread.
void setDefaults(const std::string& root, const Options& options);

// ---- android.os.Process

/// kill(2) of one process; logged at INFO. Nothing for pid <= 0. Nobody learns whether it worked.
void sendSignal(int pid, int signal);
/// The same, not logged.
void sendSignalQuiet(int pid, int signal);
/// sendSignal and sendSignalQuiet with SIGKILL.
void killProcess(int pid);
void killProcessQuiet(int pid);
/// killProcessGroup(uid, pid, SIGKILL) below. -1 also for a uid below 0, for which Java throws an
/// IllegalArgumentException.
int killProcessGroup(int uid, int pid);

// ---- libprocessgroup

/// Whether the kernel has control groups at all: /proc/cgroups is there.
bool CgroupsAvailable();

/// Makes the group of a process and moves it there. 0, or -errno; -1 for initialPid <= 0. Memory
/// controls need a hierarchy of their own, which is not kept here: -EINVAL if they are asked for.
int createProcessGroup(uid_t uid, pid_t initialPid, bool memControl = false);

/// Signals all of the group until nobody is left, at most 2200 ms, and removes it. 0 if it is gone;
/// -1 if somebody is left, there was no such group (the process group `initialPid` is signalled all
/// the same), or initialPid <= 1.
int killProcessGroup(uid_t uid, pid_t initialPid, int signal);
/// The same without waiting: 0 only if nobody is left already.
int killProcessGroupOnce(uid_t uid, pid_t initialPid, int signal);

/// Signals all of the group, once. False if there was no such group.
bool sendSignalToProcessGroup(uid_t uid, pid_t initialPid, int signal);

/// Removes all groups that nobody is in.
void removeAllEmptyProcessGroups();
/// Its name until Android 14.
void removeAllProcessGroups();

// NOLINTEND(readability-identifier-naming)

}  // namespace knell::android
