#include "knell/supervise/supervisor.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <unordered_set>
#include <utility>

#include "knell/supervise/inbox.hpp"
#include "knell/supervise/job_control.hpp"
#include "knell/supervise/launch.hpp"
#include "knell/supervise/place.hpp"
#include "knell/supervise/relay.hpp"

namespace knell::supervise {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// After the first SIGKILL; what is there by then waits for a device, or is held by another.
constexpr std::chrono::seconds kLongestDeath{20};
/// Between two rounds of SIGKILL.
constexpr milliseconds kFirstPause{1};
constexpr milliseconds kLongestPause{100};
/// A poll(2) counts in 32 bits.
constexpr milliseconds kLongestPoll{1'000'000'000};

constexpr SigSet kHurries{signals::kTerm, signals::kInt, signals::kHup, signals::kQuit};

enum class Phase : std::uint8_t {
  running,  ///< the command runs, and has time
  waiting,  ///< all have been sent the signal, and have time to end by themselves
  killing,  ///< all are sent SIGKILL until none is left
  staying,  ///< Settings::keep, as pid 1: until all have ended by themselves
  over,
};

class Supervisor {
public:
  Supervisor(const Settings& settings, const Observer& observer, Inbox inbox, Launch launch,
             std::unique_ptr<Place> place)
      : settings_(settings),
        observer_(observer),
        inbox_(std::move(inbox)),
        launch_(std::move(launch)),
        place_(std::move(place)) {
    if (settings.timeout) deadline_ = Clock::now() + *settings.timeout;
    ended_.enclosure = place_->kind();
    ended_.where = place_->where();
  }

  Ended run() {
    while (phase_ != Phase::over) {
      wait();
      look_at_start();
      take_signals();
      take_changes();
      take_time();
    }
    if (place_->deserted()) place_->clear();
    return std::move(ended_);
  }

private:
  // Waiting.

  void wait() {
    std::array<pollfd, 3> open{{{inbox_.fd(), POLLIN, 0},
                                {place_->news(), POLLIN, 0},
                                {start_known_ ? -1 : launch_.report(), POLLIN, 0}}};
    ::poll(open.data(), open.size(), poll_time());
  }

  [[nodiscard]] int poll_time() const {
    if (!deadline_) return -1;
    const auto left = std::chrono::ceil<milliseconds>(*deadline_ - Clock::now());
    return static_cast<int>(std::clamp(left, milliseconds(0), kLongestPoll).count());
  }

  /// The pipe that a failed execve(2) is told through closes with a successful one.
  void look_at_start() {
    pollfd report{.fd = launch_.report(), .events = POLLIN, .revents = 0};
    if (start_known_ || ::poll(&report, 1, 0) != 1) return;
    start_known_ = true;
    ended_.exec_error = launch_.exec_error();
    if (ended_.exec_error == 0 && observer_.started) observer_.started(place_->command());
  }

  // Signals.

  void take_signals() {
    while (const auto info = inbox_.next()) take_signal(*info);
  }

  void take_signal(const signalfd_siginfo& info) {
    const Signal signal(static_cast<int>(info.ssi_signo));
    const bool own = info.ssi_code == SI_TIMER || info.ssi_pid == static_cast<unsigned>(::getpid());
    if (signal == signals::kChld || own) return;
    if (phase_ == Phase::waiting && kHurries.has(signal)) return begin_to_kill();
    if (ended_.status || phase_ == Phase::killing) return;
    if (signal.stops()) asked_to_stop_ = true;
    if (came_to_all(info, place_->command()) || continues_already(signal)) return;
    place_->send(signal);
  }

  /// `fg` continues the whole process group: the command got its SIGCONT with ours.
  bool continues_already(Signal signal) {
    if (signal != signals::kCont || !std::exchange(stopped_, false)) return false;
    const Pid command = place_->command();
    if (::getpgid(command.value()) != ::getpgrp()) return false;
    const std::vector<Process> all = descendants().look();
    const auto found = std::ranges::find(all, command, [](const Process& p) { return p.id.pid; });
    return found != all.end() && found->state != TaskState::stopped;
  }

  // What becomes of the command and of the others.

  void take_changes() {
    for (const Change change : place_->changes()) {
      if (command_gone_) break;  // its number is a descendant's by now
      if (WIFSTOPPED(change.word))
        command_stopped(Signal(WSTOPSIG(change.word)));
      else if (WIFEXITED(change.word) || WIFSIGNALED(change.word))
        command_ended(WaitStatus(change.word));
    }
    if (place_->deserted()) phase_ = Phase::over;
  }

  void command_stopped(Signal by) {
    const bool whole_job = std::exchange(asked_to_stop_, false) || stops_the_job(by);
    stopped_ = true;
    if (phase_ != Phase::running || settings_.as_init || ::getpid() == 1 || !whole_job) return;
    std::optional<milliseconds> left;
    if (deadline_) left = std::chrono::ceil<milliseconds>(*deadline_ - Clock::now());
    stop_oneself(left);
  }

  void command_ended(WaitStatus status) {
    look_at_start();
    command_gone_ = true;
    ended_.status = status;
    if (ended_.exec_error != 0) ended_.status.reset();
    if (place_->deserted()) return;
    if (settings_.keep) {
      deadline_.reset();
      phase_ = ::getpid() == 1 ? Phase::staying : Phase::over;
    } else if (phase_ == Phase::running) {
      begin_to_end();
    }
  }

  // The time that is left.

  void take_time() {
    if (!deadline_ || Clock::now() < *deadline_) return;
    if (phase_ == Phase::running) {
      ended_.timed_out = true;
      begin_to_end();
    } else if (phase_ == Phase::waiting) {
      begin_to_kill();
    } else if (phase_ == Phase::killing) {
      kill_again();
    }
  }

  // Ending.

  Descendants& descendants() {
    if (!descendants_) descendants_ = Descendants::of_caller();
    return *descendants_;
  }

  /// Whom to end: all, or with Settings::keep the command alone.
  std::vector<Process> members() {
    std::vector<Process> all = descendants().look();
    std::erase_if(all, [&](const Process& process) {
      const Pid pid = process.id.pid;
      return pid == place_->keeper() || (settings_.keep && pid != place_->command());
    });
    return all;
  }

  void begin_to_end() {
    phase_ = Phase::waiting;
    const std::vector<Process> all = members();
    ended_.left = all.size();
    if (settings_.signal == signals::kKill) return begin_to_kill();
    for (const Process& process : all)
      for (const Signal signal : {settings_.signal, signals::kCont})
        static_cast<void>(descendants().send(process, signal));
    deadline_ = Clock::now() + settings_.grace;
  }

  void begin_to_kill() {
    phase_ = Phase::killing;
    last_ = Clock::now() + kLongestDeath;
    kill_again();
  }

  void kill_again() {
    if (Clock::now() >= last_) return give_up();
    const std::vector<Process> all = members();
    note_killed(all);
    if (settings_.keep)
      place_->send(signals::kKill);
    else
      place_->kill(descendants());
    descendants().thaw(all);
    deadline_ = Clock::now() + pause_;
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

  /// While new ones turn up there is no pause to speak of.
  void note_killed(const std::vector<Process>& all) {
    for (const Process& process : all)
      if (killed_.insert(process.id).second) pause_ = kFirstPause;
    ended_.killed = killed_.size();
  }

  void give_up() {
    for (const Process& process : members())
      ended_.survivors.push_back({.pid = process.id.pid,
                                  .comm = process.comm,
                                  .state = process.state,
                                  .refused = descendants().send(process, signals::kKill)});
    phase_ = Phase::over;
  }

  const Settings& settings_;
  const Observer& observer_;
  Inbox inbox_;
  Launch launch_;
  std::unique_ptr<Place> place_;
  std::optional<Descendants> descendants_;

  Ended ended_;
  Phase phase_ = Phase::running;
  std::optional<Clock::time_point> deadline_;  ///< of this phase
  Clock::time_point last_;                     ///< of the killing
  milliseconds pause_ = kFirstPause;
  std::unordered_set<ProcessId> killed_;
  bool start_known_ = false;
  bool stopped_ = false;  ///< the command was, when it was last heard of
  bool command_gone_ = false;
  bool asked_to_stop_ = false;  ///< a stop signal came to the supervisor
};

std::vector<std::unique_ptr<Place>> places(const Settings& settings) {
  std::vector<std::unique_ptr<Place>> found;
  found.push_back(in_cgroup(settings.cgroup_kill));
  found.push_back(in_pid_namespace());
  found.push_back(as_subreaper());
  if (settings.enclosure != Enclosure::automatic)
    std::erase_if(found, [&](const auto& place) { return place->kind() != settings.enclosure; });
  return found;
}

Result<std::unique_ptr<Place>> start(const Settings& settings, Launch& launch) {
  Error why;
  for (std::unique_ptr<Place>& place : places(settings)) {
    Result<void> started = place->start(launch, settings.keep);
    if (started) return std::move(place);
    why = std::move(started.error());
  }
  return std::unexpected(std::move(why));
}

}  // namespace

Result<Ended> run(const Settings& settings, const Inherited& inherited,
                  const std::vector<std::string>& argv, const Observer& observer) {
  if (argv.empty()) return failure(EINVAL, "run", "no command");
  if (has_children() && ::getpid() != 1) return failure(EBUSY, "supervise", "children of before");
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return failure(errno, "become", "a subreaper");
  Inbox inbox = KNELL_TRY(Inbox::open(inherited));
  Launch launch = KNELL_TRY(Launch::prepare(argv, inherited, settings.daemon));
  std::unique_ptr<Place> place = KNELL_TRY(start(settings, launch));
  launch.forked();
  if (observer.enclosed) observer.enclosed(place->kind(), place->where());
  return Supervisor(settings, observer, std::move(inbox), std::move(launch), std::move(place))
      .run();
}

int exit_status(const Ended& ended, bool preserve) {
  constexpr int kTimedOut = 124;
  constexpr int kFailed = 125;
  constexpr int kNotRunnable = 126;
  constexpr int kNotFound = 127;
  constexpr int kBySignal = 128;
  if (ended.exec_error != 0) return ended.exec_error == ENOENT ? kNotFound : kNotRunnable;
  if (!ended.status) return kFailed;  // it survived
  const WaitStatus status = *ended.status;
  if (!status.by_signal()) return ended.timed_out && !preserve ? kTimedOut : status.code();
  const bool killed = status.signal() == signals::kKill;
  return ended.timed_out && !preserve && !killed ? kTimedOut : kBySignal + status.signal().number();
}

}  // namespace knell::supervise
