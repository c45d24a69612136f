#include "knell/conform/timers.hpp"

#include <sched.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <thread>
#include <utility>

namespace knell::conform {
namespace {

using std::chrono::milliseconds;

/// For a timer's interrupt to come through.
constexpr milliseconds kMargin{2};

/// Runs on every processor in turn: where this thread runs, the interrupts that were due have been
/// taken.
void visit_processors() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (std::size_t i = 0; i < CPU_SETSIZE; ++i) {
    if (!CPU_ISSET(i, &allowed)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(i, &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
  ::sched_setaffinity(0, sizeof allowed, &allowed);
}

/// kernel/time/itimer.c, alarm_setitimer: rounded, but some is not none.
std::chrono::seconds seconds_left(milliseconds left) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(left);
  const bool up = left - whole >= milliseconds{500} || (whole.count() == 0 && left > whole);
  return whole + std::chrono::seconds{up ? 1 : 0};
}

}  // namespace

void Timers::about_to_call(const Player& actor, const Call& call) {
  const bool itimer =
      call.nr == Sys::alarm || (call.nr == Sys::setitimer && call.arg[0] == ITIMER_REAL);
  if (!itimer && call.nr != Sys::nanosleep) return;
  Timer timer{.owner = itimer ? actor.look.seen.tgid : actor.pid,
              .set_by = itimer ? Sys::setitimer : Sys::nanosleep,
              .first{},
              .interval{},
              .set_at = now_,
              .not_before = Clock::now(),
              .not_after = Clock::time_point::max()};
  if (call.nr == Sys::nanosleep) timer.first = milliseconds(call.arg[0]);
  if (call.nr == Sys::alarm) timer.first = std::chrono::seconds(call.arg[0]);
  if (call.nr == Sys::setitimer) timer.first = milliseconds(call.arg[1]);
  if (call.nr == Sys::setitimer) timer.interval = milliseconds(call.arg[2]);
  if (itimer) replace(timer.owner);
  told_left_ = call.nr == Sys::alarm;
  if (timer.first > milliseconds{0}) timers_.push_back(timer);
}

/// A process has one of those.
void Timers::replace(Pid owner) {
  const auto old = std::ranges::find_if(timers_, [&](const Timer& each) {
    return each.set_by == Sys::setitimer && each.owner == owner;
  });
  if (old == timers_.end()) return;
  replaced_ = *old;
  timers_.erase(old);
}

/// How long after it was set the timer has fired last, in the scenario's time; 0: not yet.
milliseconds Timers::fired(const Timer& timer) const {
  const milliseconds since = now_ - timer.set_at;
  if (since < timer.first) return milliseconds{0};
  if (timer.interval == milliseconds{0}) return timer.first;
  return since - (since - timer.first) % timer.interval;
}

/// And when it will fire next; 0: not any more.
milliseconds Timers::next(const Timer& timer) const {
  const milliseconds last = fired(timer);
  if (last == milliseconds{0}) return timer.first;
  return timer.interval == milliseconds{0} ? milliseconds{0} : last + timer.interval;
}

/// Whether it may have fired really, and not in the scenario's time.
bool Timers::is_ahead(const Timer& timer, Clock::time_point now) const {
  const milliseconds due = next(timer);
  return due != milliseconds{0} && now >= timer.not_before + due;
}

/// Whether alarm(2) may have told that other seconds are left of it than are in the scenario's
/// time.
bool Timers::tells_otherwise(const Timer& timer, Clock::time_point now) const {
  const milliseconds due = next(timer);
  if (due == milliseconds{0}) return false;
  const auto really_left = std::chrono::floor<milliseconds>(timer.not_before + due - now);
  return seconds_left(timer.set_at + due - now_) != seconds_left(really_left);
}

Result<void> Timers::at_rest(Company& company) {
  const auto now = Clock::now();
  const auto replaced = std::exchange(replaced_, std::nullopt);
  const bool early =
      std::ranges::any_of(timers_, [&](const Timer& each) { return is_ahead(each, now); }) ||
      (replaced && (is_ahead(*replaced, now) || (told_left_ && tells_otherwise(*replaced, now))));
  if (early)
    return failure(EAGAIN, "keep", "the scenario's time",
                   "a timer went on while the machine was busy with something else; try again");
  for (Timer& timer : timers_) timer.not_after = std::min(timer.not_after, now);
  std::erase_if(timers_, [&](const Timer& timer) {
    const Player* const owner = company.find(timer.owner);
    if (owner == nullptr) return true;
    if (timer.set_by == Sys::nanosleep) return call_of(company.slot_of(*owner)) != Sys::nanosleep;
    return timer.interval == milliseconds{0} && fired(timer) != milliseconds{0};
  });
  return {};
}

void Timers::pass(milliseconds time) {
  now_ += time;
  if (timers_.empty()) return;
  auto until = Clock::now() + time;
  bool any = false;
  for (const Timer& timer : timers_) {
    const milliseconds last = fired(timer);
    if (last == milliseconds{0}) continue;
    any = true;
    until = std::max(until, timer.not_after + last + kMargin);
  }
  std::this_thread::sleep_until(until);
  if (any) visit_processors();
}

}  // namespace knell::conform
