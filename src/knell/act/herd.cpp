#include "knell/act/herd.hpp"

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <utility>

namespace knell::act {
namespace {

bool had_ended(const plan::ProcessForecast& planned) {
  return planned.state == TaskState::zombie && planned.nr_threads <= 1;
}

Doomed from_plan(const plan::ProcessForecast& planned) {
  Doomed member;
  member.outcome.id = planned.id;
  member.outcome.name = planned.name;
  member.outcome.role = planned.role;
  member.outcome.tie = planned.tie;
  member.was_stopped = planned.state == TaskState::stopped;
  if (!planned.steps.empty() && planned.steps.back().effect == plan::Effect::immune)
    member.immunity = planned.steps.back().why;
  return member;
}

}  // namespace

std::vector<std::size_t> sending_order(std::span<const Doomed> members, bool leaves_first) {
  std::vector<std::size_t> places(members.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (leaves_first)
    std::ranges::reverse(places);
  else
    std::ranges::stable_partition(places,
                                  [&](std::size_t place) { return members[place].starts_others; });
  return places;
}

Result<void> Herd::hold(Doomed& member, Inode pidfd, std::size_t place) {
  Result<live::ProcessHandle> handle =
      live::ProcessHandle::open(machine_, member.outcome.id, pidfd);
  if (!handle && handle.error().number == ESRCH) return {};
  if (!handle) return std::unexpected(std::move(handle).error());
  if (handle->ended()) return {};
  if (watch_ != nullptr) KNELL_TRY(watch_->add(handle->fd(), place));
  member.handle = std::move(*handle);
  ++living_;
  return {};
}

Result<void> Herd::hold(const plan::Forecast& forecast) {
  leaves_first_ = forecast.leaves_first;
  members_.reserve(forecast.processes.size());
  for (const plan::ProcessForecast& planned : forecast.processes) {
    Doomed& member = members_.emplace_back(from_plan(planned));
    places_.emplace(planned.id, members_.size() - 1);
    if (!had_ended(planned)) KNELL_TRY(hold(member, planned.pidfd, members_.size() - 1));
    member.ended = !member.handle;
    if (member.ended) member.outcome.fate = plan::Fate::already_ended;
  }
  return {};
}

std::optional<std::size_t> Herd::adopt(ProcessId id, std::string name) {
  const std::size_t place = members_.size();
  Doomed member;
  member.outcome.id = id;
  member.outcome.name = std::move(name);
  member.outcome.role = plan::Role::born;
  if (Result<void> held = hold(member, Inode{}, place); !held)
    member.refused = std::move(held).error();
  else if (!member.handle)
    return {};
  places_.emplace(id, place);
  members_.push_back(std::move(member));
  return place;
}

void Herd::set_refused(Doomed& member, std::optional<Error> refused) {
  if (member.refused) --living_refused_;
  if (refused) ++living_refused_;
  member.refused = std::move(refused);
}

void Herd::send(Signal signal, std::size_t place) {
  Doomed& member = members_[place];
  if (!member.lives()) return;
  const Result<void> sent = member.handle->send(signal);
  if (sent) {
    member.outcome.last_signal = signal;
    set_refused(member, {});
  } else if (sent.error().number != ESRCH) {  // ESRCH: it ended, as its pidfd will tell
    set_refused(member, sent.error());
  }
}

void Herd::send(Signal signal) {
  if (!first_signal_) first_signal_ = Clock::now();
  for (const std::size_t place : sending_order(members_, leaves_first_)) send(signal, place);
}

void Herd::hold_still(std::size_t place) {
  Doomed& member = members_[place];
  if (member.may_fork() && member.handle->send(signals::kStop)) member.held = true;
}

void Herd::hold_still() {
  for (std::size_t place = 0; place < members_.size(); ++place) hold_still(place);
}

void Herd::note_parent(ProcessId id) {
  if (const auto found = places_.find(id); found != places_.end())
    members_[found->second].starts_others = true;
}

void Herd::let_go() {
  for (Doomed& member : members_) {
    if (member.lives() && member.held && !member.was_stopped)
      static_cast<void>(member.handle->send(signals::kCont));
    member.held = false;
  }
}

void Herd::note_ended(std::span<const std::size_t> places, Clock::time_point when) {
  using std::chrono::duration_cast, std::chrono::microseconds;
  for (std::size_t place : places) {
    Doomed& member = members_[place];
    set_refused(member, {});
    member.ended = true;
    --living_;
    if (first_signal_) member.outcome.took = duration_cast<microseconds>(when - *first_signal_);
  }
}

const Doomed* Herd::find(ProcessId id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &members_[found->second];
}

bool Herd::any_may_fork() const {
  return std::ranges::any_of(members_, &Doomed::may_fork);
}

bool Herd::any_yet_to_stop(const World& now) const {
  return std::ranges::any_of(members_, [&](const Doomed& member) {
    if (!member.held || !member.lives()) return false;
    const TaskIndex task = now.find(member.outcome.id);
    return task &&
           (now[task].state == TaskState::running || now[task].state == TaskState::sleeping);
  });
}

std::vector<Pid> Herd::unreaped() const {
  std::vector<Pid> pids;
  for (const Doomed& member : members_)
    if (member.handle && member.ended && member.handle->keeps_its_number())
      pids.push_back(member.outcome.id.pid);
  std::ranges::sort(pids);
  return pids;
}

int Herd::highest_descriptor() const {
  int highest = -1;
  for (const Doomed& member : members_)
    if (member.handle) highest = std::max(highest, member.handle->fd());
  return highest;
}

}  // namespace knell::act
