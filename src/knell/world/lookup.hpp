#pragma once

/// Things a person's words mean that only the real machine can tell: which uid a name has, which
/// inode a path is, what stands in a pid file. `select/` asks, `live/` answers, neither knows the
/// other.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/world.hpp"

namespace knell {

/// Which facts the matching needs. `live/` reads no more than this.
struct Questions {
  std::set<std::string> users;      ///< names or numbers
  std::set<std::string> files;      ///< paths
  std::set<std::string> pidfiles;   ///< paths
  std::set<std::string> units;      ///< systemd unit names, with their ending
  std::set<std::string> terminals;  ///< "pts/3", "tty1", "/dev/pts/3"
  Known of_all = Known::stat;       ///< what must be read of every process
  bool exe_ids = false;             ///< also the executables' FileId
  bool sockets = false;             ///< also the machine's sockets
  std::set<std::string> comms;      ///< of a process called so, Known::names need not be read
  std::vector<Pid> passed_over;     ///< ascending; these processes are not read
};

struct PidFile {
  Pid pid;
  StartTime written;  ///< when the file was last written, on the clock of StartTime
  bool operator==(const PidFile&) const = default;
};

/// Whether the process that has the number now, and began then, is not the one that is meant: it
/// began after the file was written. (Times of files are a tick behind at most.)
[[nodiscard]] inline bool is_stale(const PidFile& file, StartTime start) {
  return start.value() > file.written.value() + 1;
}

/// One answer, or the reason there is none, for each question asked.
struct Answers {
  std::map<std::string, Result<Uid>> users;
  std::map<std::string, Result<FileId>> files;
  std::map<std::string, Result<PidFile>> pidfiles;
  std::map<std::string, Result<std::string>> units;        ///< the unit's cgroup path
  std::map<std::string, Result<std::uint32_t>> terminals;  ///< device number, as in SignalStruct
};

}  // namespace knell
