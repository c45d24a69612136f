#include "knell/compat/kill_targets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>

#include "knell/compat/kill_signals.hpp"
#include "knell/compat/typed_number.hpp"
#include "knell/live/pidfs.hpp"
#include "knell/live/proc_fs.hpp"
#include "knell/live/proc_stat.hpp"
#include "knell/live/proc_status.hpp"

namespace knell::compat {
namespace {

using Targets = std::vector<KillTarget>;

live::Fd open_pidfd(pid_t pid) {
  return live::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
}

// Numbers.

/// strtol(3) passes over blanks, and so does every original.
std::string_view without_blanks_before(std::string_view word) {
  const std::size_t first = word.find_first_not_of(" \t\n\v\f\r");
  return word.substr(std::min(first, word.size()));
}

std::optional<pid_t> pid_of(std::string_view word) {
  const auto number = typed_number<long>(without_blanks_before(word));
  if (!number || !std::in_range<pid_t>(*number)) return std::nullopt;
  return static_cast<pid_t>(*number);
}

/// A number may also be a thread's, which has no pidfd: then kill(2) has to do.
KillTarget numbered(std::string shown, pid_t pid) {
  KillTarget target{.shown = std::move(shown), .pid = pid};
  if (pid > 0) target.pidfd = open_pidfd(pid);
  return target;
}

struct PidAndInode {
  pid_t pid;
  Inode inode;
};

std::optional<PidAndInode> pid_and_inode(std::string_view word) {
  const std::size_t colon = std::min(word.find(':'), word.size());
  const auto pid = pid_of(word.substr(0, colon));
  if (!pid || *pid <= 0 || colon == word.size()) return std::nullopt;
  const auto inode = live::number<std::uint64_t>(word.substr(colon + 1));
  if (!inode || *inode == 0) return std::nullopt;
  return PidAndInode{*pid, Inode(*inode)};
}

KillTarget pinned(std::string_view word, PidAndInode wanted) {
  KillTarget target = numbered(std::string(word), wanted.pid);
  if (!target.pidfd.valid())
    target.error = errno;
  else if (const Inode found = live::pidfs_inode(target.pidfd.get()); found == Inode{})
    target.error = EOPNOTSUPP;  // before Linux 6.9 no inode is one process's own
  else if (found != wanted.inode)
    target.error = ESRCH;
  return target;
}

// Names.

class Names {
public:
  Names(Style style, const live::ProcFs& proc, bool all_users)
      : style_(style), proc_(proc), reader_(proc), all_users_(all_users) {
    for (auto stat = read(Pid(::getpid())); stat; stat = read(stat->parent))
      kin_.push_back(stat->pid);
  }

  /// All of this name, but not the caller and its ancestors.
  Targets find(std::string_view name) {
    Targets found;
    auto list = live::ProcessList::open(proc_);
    while (list) {
      const auto pids = list->next();
      if (!pids || pids->empty()) break;
      for (const Pid pid : *pids)
        if (auto target = match(pid, name)) found.push_back(*std::move(target));
    }
    return found;
  }

private:
  std::optional<live::ProcStat> read(Pid pid) {
    if (pid == Pid{}) return std::nullopt;
    const auto text = reader_.record(live::ProcPath(pid, "stat").c_str());
    return text ? live::parse_stat(*text) : std::nullopt;
  }

  [[nodiscard]] bool may_mean(Pid pid) const {
    if (std::ranges::find(kin_, pid) != kin_.end()) return false;
    struct stat about{};
    const std::string path = std::to_string(pid.value());
    return all_users_ ||
           (::fstatat(proc_.fd(), path.c_str(), &about, 0) == 0 && about.st_uid == ::getuid());
  }

  /// Reads it again once its pidfd holds it: the number may have become another's meanwhile.
  std::optional<KillTarget> match(Pid pid, std::string_view name) {
    const auto seen = read(pid);
    if (!seen || seen->comm != name || !may_mean(pid)) return std::nullopt;
    std::string shown(name);
    if (style_ != Style::util_linux) shown += " (" + std::to_string(pid.value()) + ")";
    KillTarget target = numbered(std::move(shown), pid.value());
    const auto held = read(pid);
    if (!target.pidfd.valid() || !held || held->start != seen->start || held->comm != name)
      return std::nullopt;
    return target;
  }

  Style style_;
  const live::ProcFs& proc_;
  live::ProcReader reader_;
  bool all_users_;
  std::vector<Pid> kin_;
};

Targets named(Style style, bool all_users, std::string_view name) {
  const auto proc = live::ProcFs::open("/proc");
  if (proc) return Names(style, *proc, all_users).find(name);
  Targets failed(1);
  failed.front().shown = name;
  failed.front().error = proc.error().number == 0 ? ENOENT : proc.error().number;
  return failed;
}

Targets only(KillTarget target) {
  Targets targets;
  targets.push_back(std::move(target));
  return targets;
}

}  // namespace

Targets kill_targets(Style style, const KillRequest& request, std::string_view word) {
  if (const auto pid = pid_of(word))
    return only(numbered(style == Style::procps ? std::to_string(*pid) : std::string(word), *pid));
  if ((style != Style::knell && style != Style::util_linux) || word.empty()) return {};
  if (const auto wanted = pid_and_inode(word)) return only(pinned(word, *wanted));
  return named(style, request.all_users, word);
}

bool has_handler(const KillTarget& target, Signal signal) {
  live::ProcReader reader(AT_FDCWD);
  const std::string path = "/proc/" + std::to_string(target.pid) + "/status";
  const auto text = reader.record(path.c_str());
  const auto status = text ? live::parse_status(*text) : std::nullopt;
  return status && status->caught.has(signal);
}

}  // namespace knell::compat
