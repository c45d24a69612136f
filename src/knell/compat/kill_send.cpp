#include "knell/compat/kill_send.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "knell/compat/kill_messages.hpp"
#include "knell/compat/kill_targets.hpp"
#include "knell/compat/output.hpp"

namespace knell::compat {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr unsigned kSignalProcessGroup = 1U << 2;  // PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9
constexpr milliseconds kLastWait{1000};
constexpr int kSomeFailed = 64;  // of util-linux

siginfo_t queued(Signal signal, int value) {
  siginfo_t info{};
  info.si_signo = signal.number();
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_int = value;
  return info;
}

int send_through(int pidfd, Signal signal, std::optional<int> value, unsigned whom = 0) {
  siginfo_t info{};
  if (value) info = queued(signal, *value);
  const auto sent =
      ::syscall(SYS_pidfd_send_signal, pidfd, signal.number(), value ? &info : nullptr, whom);
  return sent == 0 ? 0 : errno;
}

/// sigqueue(3) has no process groups; the pidfd of the one that made the group has.
int queue_to_group(pid_t group, Signal signal, int value) {
  const live::Fd leader(static_cast<int>(::syscall(SYS_pidfd_open, group, 0U)));
  if (!leader.valid()) return ESRCH;
  return send_through(leader.get(), signal, value, kSignalProcessGroup);
}

/// The errno; 0: sent.
int send(const KillTarget& target, Signal signal, std::optional<int> value) {
  if (target.pidfd.valid()) return send_through(target.pidfd.get(), signal, value);
  if (value && target.pid < -1) return queue_to_group(-target.pid, signal, *value);
  if (value) {
    const int sent = ::sigqueue(target.pid, signal.number(), {.sival_int = *value});
    return sent == 0 ? 0 : errno;
  }
  return ::kill(target.pid, signal.number()) == 0 ? 0 : errno;
}

class Sending {
public:
  Sending(Style style, std::string_view program, const KillRequest& request)
      : style_(style), program_(program), request_(request) {}

  int run() {
    for (const std::string_view word : request_.operands) take(word);
    for (const KillRequest::FollowUp& next : request_.follow_ups) follow_up(next);
    if (!living_.empty()) tell_survivors();
    return printed_ ? status() : 1;
  }

private:
  void take(std::string_view word) {
    std::vector<KillTarget> targets = kill_targets(style_, request_, word);
    if (targets.empty()) fail(messages::invalid_target(style_, word));
    for (KillTarget& target : targets) take(std::move(target));
  }

  void take(KillTarget target) {
    if (target.error != 0) return fail(messages::not_sent(style_, target.shown, target.error));
    const bool needs_process = request_.only_handlers || !request_.follow_ups.empty();
    if (needs_process && target.pid <= 0)
      return fail("'" + target.shown + "': -r and --timeout are for processes, not for groups");
    if (request_.only_handlers && !has_handler(target, request_.signal)) return spare(target);
    if (request_.verbose) say("sending signal", request_.signal, "to pid", target);
    if (request_.only_print) return say_pid(target);
    if (const int error = send(target, request_.signal, request_.value); error != 0)
      return fail(messages::not_sent(style_, target.shown, error));
    ++reached_;
    if (!request_.follow_ups.empty()) keep(std::move(target));
  }

  /// For the signals to come.
  void keep(KillTarget target) {
    if (target.pidfd.valid()) return living_.push_back(std::move(target));
    --reached_;
    fail("'" + target.shown + "': --timeout needs a pidfd, and none can be had");
  }

  // --timeout.

  void follow_up(const KillRequest::FollowUp& next) {
    wait(next.after);
    for (const KillTarget& target : living_) {
      if (request_.verbose) say("timeout, sending signal", next.signal, "to pid", target);
      const int error = send(target, next.signal, request_.value);
      if (error != 0 && error != ESRCH)
        complain(program_, messages::not_sent(style_, target.shown, error));
    }
    if (&next == &request_.follow_ups.back()) wait(std::max(next.after, kLastWait));
  }

  /// Until none of them is left, but no longer than this.
  void wait(milliseconds longest) {
    const auto deadline = Clock::now() + longest;
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
      forget_ended(std::max(left, milliseconds(0)));
      if (living_.empty() || left <= milliseconds(0)) return;
    }
  }

  void forget_ended(milliseconds longest) {
    std::vector<pollfd> ends;
    ends.reserve(living_.size());
    for (const KillTarget& target : living_) ends.push_back({target.pidfd.get(), POLLIN, 0});
    if (::poll(ends.data(), ends.size(), static_cast<int>(longest.count())) <= 0) return;
    std::vector<KillTarget> living;
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (ends[i].revents == 0) living.push_back(std::move(living_[i]));
    living_ = std::move(living);
  }

  void tell_survivors() {
    reached_ -= living_.size();
    for (const KillTarget& target : living_) fail("'" + target.shown + "' lives on");
  }

  // What is said, and what it comes to.

  void fail(const std::string& why) {
    complain(program_, why);
    ++failed_;
  }

  void spare(const KillTarget& target) {
    if (!request_.verbose) return;
    tell("not signalling pid " + std::to_string(target.pid) +
         ", it has no userspace handler for signal " + std::to_string(request_.signal.number()));
  }

  void say(const char* what, Signal signal, const char* to, const KillTarget& target) {
    tell(std::string(what) + " " + std::to_string(signal.number()) + " " + to + " " +
         std::to_string(target.pid));
  }

  /// Signal 0 is sent to nobody, but asks whether it could be.
  void say_pid(const KillTarget& target) {
    if (style_ != Style::util_linux)
      if (const int error = send(target, Signal(0), std::nullopt); error != 0)
        return fail(messages::not_sent(style_, target.shown, error));
    ++reached_;
    tell(std::to_string(target.pid));
  }

  void tell(const std::string& line) { printed_ = print(program_, line + "\n") && printed_; }

  [[nodiscard]] int status() const {
    if (failed_ == 0) return reached_ > 0 ? 0 : 1;
    return style_ == Style::util_linux && reached_ > 0 ? kSomeFailed : 1;
  }

  Style style_;
  std::string_view program_;
  const KillRequest& request_;
  std::vector<KillTarget> living_;  ///< who has not ended yet, with --timeout
  std::size_t reached_ = 0;
  std::size_t failed_ = 0;
  bool printed_ = true;
};

}  // namespace

int send_signals(Style style, std::string_view program, const KillRequest& request) {
  return Sending(style, program, request).run();
}

}  // namespace knell::compat
