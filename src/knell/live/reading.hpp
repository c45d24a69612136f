#pragma once

/// What the files of one process say, before it has a place in a World. Readings are made by many
/// threads at once; World is built from them by one (snapshot.hpp).

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "knell/live/proc_cgroup.hpp"
#include "knell/live/proc_fs.hpp"
#include "knell/live/proc_stat.hpp"
#include "knell/live/proc_status.hpp"
#include "knell/world/world.hpp"

namespace knell::live {

/// What is to be read of a process beside its stat file.
struct Wanted {
  Known depth = Known::stat;  ///< with threads, status is read too
  bool exe_id = false;
  bool deep = false;  ///< also what takes a file or link each: namespaces, wchan
  const std::set<std::string>* telling_comms = nullptr;  ///< Questions::comms
};

/// A thing the kernel would not let us see.
struct Refusal {
  const char* what;
  int number;
};

struct Reading {
  int error = 0;  ///< errno that left nothing of it: ESRCH where it has ended
  ProcStat stat;
  Known known = Known::nothing;
  Details details;
  std::optional<ProcStatus> status;
  std::vector<ProcStatus> threads;  ///< all but the leader, ascending by pid
  Pid tracer_process;               ///< the process of the thread that traces it; 0: none
  NamespaceId user_ns;
  NamespaceId parent_pid_ns;  ///< of a namespace two or more levels below the reader's
  Inode pidfd;
  ProcCgroup cgroup;
  std::optional<FilesStruct> files;
  std::optional<MmStruct> mm;
  std::vector<Refusal> refused;
};

/// Of many processes, ascending by pid. They keep their places while others are added.
using Readings = std::deque<Reading>;

/// Reads one process. `reading` is fresh.
void read_process(ProcReader& proc, Pid pid, const Wanted& wanted, Reading& reading);

/// The same for a process that is meant for good: under a pidfd, which must be of the process that
/// started then, and still be so when the last file has been read. Sets `Reading::pidfd`.
void read_pinned(ProcReader& proc, ProcessId id, const Wanted& wanted, Reading& reading);

/// A process's files as far as its leader or, where the leader has ended before its threads, a
/// living thread shows them.
class Body {
public:
  Body(ProcReader& proc, const ProcStat& stat);

  /// False for zombies and kernel threads: they have no memory, no files, no command line.
  [[nodiscard]] bool alive() const { return alive_; }
  /// Why a living thread could not be looked for; 0: nothing went wrong.
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] ProcPath path(std::string_view name) const {
    return thread_ == Pid{} ? ProcPath(pid_, name) : ProcPath(pid_, thread_, name);
  }

private:
  Pid pid_;
  Pid thread_;
  bool alive_ = true;
  int error_ = 0;
};

/// The open descriptors of a process. Errors are those of its fd directory.
[[nodiscard]] std::expected<std::vector<OpenFile>, int> read_open_files(ProcReader& proc,
                                                                        const Body& body);
/// Its mapped files, with the devices that stat(2) would show.
[[nodiscard]] std::expected<std::vector<OpenFile>, int> read_mapped_files(ProcReader& proc,
                                                                          const Body& body);
/// The file behind a path below `directory`, links of /proc followed. Asks no server for anything,
/// so a dead NFS does not hang it.
struct FileFacts {
  FileId id;
  FileKind kind = FileKind::other;
};
[[nodiscard]] std::expected<FileFacts, int> look_at(int directory, const char* path);

/// Which of `sockets` (ascending) a process has open. A cheaper way than read_open_files().
[[nodiscard]] std::expected<std::vector<Inode>, int> read_sockets_held(
    ProcReader& proc, const Body& body, const std::vector<Inode>& sockets);

}  // namespace knell::live
