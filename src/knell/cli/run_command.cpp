#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/supervise/daemon.hpp"
#include "knell/supervise/relay.hpp"
#include "knell/supervise/supervisor.hpp"

namespace knell::cli {
namespace {

using supervise::Enclosure;
using supervise::Ended;

constexpr int kRunFailed = 125;

/// A descriptor of ours must not be taken for a standard one that was closed. The command finds it
/// closed again.
void fill_standard_descriptors() {
  int fd = 0;
  do fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO);
  ::close(fd);
}

std::string enclosure_text(Enclosure kind, const std::string& where) {
  switch (kind) {
    case Enclosure::cgroup:
      return fmt::format("in a cgroup of its own ({})", where);
    case Enclosure::pid_namespace:
      return where.empty() ? "in a pid namespace of its own"
                           : fmt::format("in a pid namespace of its own ({})", where);
    default:
      return "as its subreaper";
  }
}

std::string processes(std::size_t count) {
  return count == 1 ? "1 process" : fmt::format("{} processes", count);
}

void tell_survivors(const Ended& ended) {
  for (const supervise::Survivor& survivor : ended.survivors)
    complain(fmt::format("{} {} lives on in state {}{}", survivor.pid.value(),
                         report::shown(survivor.comm), static_cast<char>(survivor.state),
                         survivor.refused == 0 ? std::string(" although it was sent SIGKILL")
                                               : fmt::format(": it may not be signalled ({})",
                                                             errno_name(survivor.refused))));
}

void tell(const Options& options, const Ended& ended) {
  const RunOptions& run = options.run;
  if (ended.exec_error != 0)
    return complain(Error{ended.exec_error, "run", run.command.front(), {}});
  if (options.verbose && ended.timed_out) complain("its time was up");
  if (ended.killed > 0)
    complain(fmt::format("{} had to be killed", processes(ended.killed)));
  else if (options.verbose && ended.left > 0)
    complain(fmt::format("{} ended by {}", processes(ended.left), run.settings.signal.name()));
  tell_survivors(ended);
}

/// The status with which to exit, in the process that had children before it was knell.
Result<std::optional<int>> stand_apart(const supervise::Inherited& inherited,
                                       const RunOptions& run) {
  if (!supervise::has_children() || ::getpid() == 1) return std::nullopt;
  const auto ended = KNELL_TRY(supervise::relay(inherited, run.settings.timeout));
  if (!ended) return std::nullopt;
  return ended->by_signal() ? 128 + ended->signal().number() : ended->code();
}

int run_here(const Options& options, const supervise::Observer& observer) {
  const auto inherited = supervise::Inherited::now();
  const RunOptions& run = options.run;
  const auto apart = stand_apart(inherited, run);
  if (!apart) return complain(apart.error()), kRunFailed;
  if (*apart) return **apart;
  const Result<Ended> ended = supervise::run(run.settings, inherited, run.command, observer);
  if (!ended) return complain(ended.error()), kRunFailed;
  tell(options, *ended);
  return supervise::exit_status(*ended, run.preserve_status);
}

int start_daemon(const Options& options) {
  auto parted = supervise::Daemon::part({options.run.log, options.run.pid_file});
  if (!parted) return complain(parted.error()), kRunFailed;
  if (const auto& report = parted->report) {
    if (report->status != 0) return complain(report->text), report->status;
    const Result<void> printed = print(report->text);
    return printed ? 0 : (complain(printed.error()), kRunFailed);
  }
  supervise::Daemon& daemon = parted->daemon;
  const auto started = [&](Pid pid) {
    if (const Result<void> written = daemon.pid_file().write(pid); !written)
      complain(written.error());
    daemon.report({.status = 0, .text = fmt::format("{}\n", pid.value())});
  };
  const RunOptions& run = options.run;
  const auto ended = supervise::run(run.settings, {}, run.command, {.started = started});
  daemon.pid_file().remove();
  if (!ended) {
    daemon.report({.status = kRunFailed, .text = ended.error().message()});
    return complain(ended.error()), kRunFailed;
  }
  const int status = supervise::exit_status(*ended, run.preserve_status);
  if (ended->exec_error != 0)
    daemon.report({status, Error{ended->exec_error, "run", run.command.front(), {}}.message()});
  tell(options, *ended);
  return status;
}

}  // namespace

int run_run(const Options& options) {
  fill_standard_descriptors();
  if (options.run.settings.daemon) return start_daemon(options);
  supervise::Observer observer;
  if (options.verbose)
    observer.enclosed = [](Enclosure kind, const std::string& where) {
      complain(enclosure_text(kind, where));
    };
  return run_here(options, observer);
}

}  // namespace knell::cli
