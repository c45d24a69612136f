#pragma once

/// A daemon is started: daemon(7), "SysV daemons", as far as it is not another's business.

#include <optional>
#include <string>

#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"

namespace knell::supervise {

struct DaemonSettings {
  std::string log;       ///< appended to; "": /dev/null
  std::string pid_file;  ///< "": none
};

/// What the daemon tells whoever started it, once.
struct Report {
  int status = 0;    ///< with which the starter should exit
  std::string text;  ///< what it should print
};

/// A file that holds the pid of a daemon while that runs. It is locked (flock(2)) as long, and its
/// content changes at once: it is never read half written.
class PidFile {
public:
  PidFile() = default;
  /// EWOULDBLOCK: another holds the lock.
  [[nodiscard]] static Result<PidFile> claim(const std::string& path);
  [[nodiscard]] Result<void> write(Pid pid);
  /// Removes the file; only while it is locked still.
  void remove() const;

private:
  std::string path_;
  live::Fd old_, file_;
};

/// The way of the daemon: a process of a new session, in "/", without a terminal and without any
/// descriptor of its starter's but these: standard input from /dev/null, output to the log.
///
/// It forks once. The second fork of tradition keeps a daemon from getting a terminal by opening
/// one, which only a session's leader does; here that is the supervisor, which opens none, and the
/// daemon proper is its child. The umask stays what it is.
class Daemon {
public:
  /// Returns twice: in the starter with the daemon's Report, once it has come, and in the daemon
  /// without. Closes all descriptors from 3 on, in both.
  struct Parted;
  [[nodiscard]] static Result<Parted> part(const DaemonSettings& settings);

  /// The starter is waiting for this. The second time nobody is.
  void report(const Report& report);
  [[nodiscard]] PidFile& pid_file() { return pid_file_; }

private:
  live::Fd report_;
  PidFile pid_file_;
};

struct Daemon::Parted {
  std::optional<Report> report;  ///< in the starter
  Daemon daemon;                 ///< in the daemon
};

}  // namespace knell::supervise
