#include "knell/android/process_group.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>

#include <fmt/format.h>

namespace knell::android {
namespace {

using Opened = std::shared_ptr<const Result<ProcessGroups>>;

/// The groups of this program: opened at the first use, and again after setDefaults.
struct Defaults {
  std::mutex mutex;
  std::string root;
  Options options;
  Opened opened;
};

Defaults& defaults() {
  static Defaults all;
  return all;
}

Result<ProcessGroups> open(std::string root, const Options& options) {
  if (root.empty())
    if (const char* const said = std::getenv("KNELL_ANDROID_ROOT")) root = said;
  if (root.empty()) root = KNELL_TRY(ProcessGroups::find_root());
  return ProcessGroups::open(root, options);
}

Opened groups() {
  Defaults& all = defaults();
  const std::lock_guard lock(all.mutex);
  if (!all.opened)
    all.opened = std::make_shared<const Result<ProcessGroups>>(open(all.root, all.options));
  return all.opened;
}

void log(Level level, const std::string& text) {
  Defaults& all = defaults();
  const Log told = [&] {
    const std::lock_guard lock(all.mutex);
    return all.options.log;
  }();
  if (told) told(level, text);
}

/// What `work` on the groups came to.
template <class Work>
Result<void> with_groups(Work work) {
  const Opened opened = groups();
  if (*opened) return work(**opened);
  log(Level::error, opened->error().message());
  return std::unexpected(opened->error());
}

bool succeeded(const Result<void>& result) {
  if (!result) errno = result.error().number;
  return result.has_value();
}

}  // namespace

void setDefaults(const std::string& root, const Options& options) {
  Defaults& all = defaults();
  const std::lock_guard lock(all.mutex);
  all.root = root;
  all.options = options;
  all.opened.reset();
}

void sendSignal(int pid, int signal) {
  if (pid <= 0) return;
  log(Level::info, fmt::format("Sending signal. PID: {} SIG: {}", pid, signal));
  sendSignalQuiet(pid, signal);
}

void sendSignalQuiet(int pid, int signal) {
  if (pid > 0) static_cast<void>(::kill(pid, signal));
}

void killProcess(int pid) {
  sendSignal(pid, SIGKILL);
}

void killProcessQuiet(int pid) {
  sendSignalQuiet(pid, SIGKILL);
}

int killProcessGroup(int uid, int pid) {
  if (uid >= 0) return killProcessGroup(static_cast<uid_t>(uid), pid, SIGKILL);
  log(Level::error, fmt::format("killProcessGroup: invalid UID {}", uid));
  errno = EINVAL;
  return -1;
}

bool CgroupsAvailable() {
  return ::access("/proc/cgroups", F_OK) == 0;
}

int createProcessGroup(uid_t uid, pid_t initialPid, bool memControl) {
  if (initialPid > 0 && memControl) {
    log(Level::error, "createProcessGroup: there is no hierarchy for memory controls");
    errno = EINVAL;
    return -EINVAL;
  }
  const Result<void> made =
      with_groups([&](const ProcessGroups& all) { return all.create(Uid(uid), Pid(initialPid)); });
  if (succeeded(made)) return 0;
  return initialPid <= 0 ? -1 : -made.error().number;
}

int killProcessGroup(uid_t uid, pid_t initialPid, int signal) {
  const Result<void> killed = with_groups([&](const ProcessGroups& all) {
    return all.kill(Uid(uid), Pid(initialPid), Signal(signal));
  });
  return succeeded(killed) ? 0 : -1;
}

int killProcessGroupOnce(uid_t uid, pid_t initialPid, int signal) {
  const Result<void> killed = with_groups([&](const ProcessGroups& all) {
    return all.kill(Uid(uid), Pid(initialPid), Signal(signal), true);
  });
  return succeeded(killed) ? 0 : -1;
}

bool sendSignalToProcessGroup(uid_t uid, pid_t initialPid, int signal) {
  return succeeded(with_groups([&](const ProcessGroups& all) {
    return all.send(Uid(uid), Pid(initialPid), Signal(signal));
  }));
}

void removeAllEmptyProcessGroups() {
  static_cast<void>(with_groups([](const ProcessGroups& all) -> Result<void> {
    all.remove_all_empty();
    return {};
  }));
}

void removeAllProcessGroups() {
  removeAllEmptyProcessGroups();
}

}  // namespace knell::android
