#include "knell/act/escalation.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "knell/act/priority.hpp"

namespace knell::act {
namespace {

using std::chrono::duration_cast, std::chrono::microseconds, std::chrono::milliseconds;

// A family that grows faster than it is ended must not hold us for ever.
constexpr unsigned kMaxRounds = 400;
constexpr unsigned kMaxHeldRounds = 100;
// One reading can miss who is forked while it passes by.
constexpr unsigned kQuietEnough = 2;
constexpr unsigned kQuietOnBusyMachine = 20;
// A reading of so many takes some 10 ms.
constexpr std::size_t kCheapToRead = 1024;
// At least so long they are let, to come to where they stop.
constexpr milliseconds kToStop{1};
constexpr std::size_t kMostImages = 64;
constexpr milliseconds kBetweenTold{100};

Clock::duration age(const World& world) {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);  // the clock of StartTime
  const auto elapsed = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  return elapsed - milliseconds(1000 * world.now.value() / world.ticks_per_second);
}

void note(std::vector<std::string>& groups, const live::Cgroup& group) {
  if (std::ranges::find(groups, group.path()) == groups.end()) groups.push_back(group.path());
}

}  // namespace

Escalation::Escalation(const Means& means, Herd& herd)
    : means_(means), herd_(herd), pace_(means.forecast.before.tasks.size()) {
  for (const Doomed& member : herd.members())
    family_.members.emplace(member.outcome.id.pid, member.outcome.id.start);
  family_.before = &means.forecast.before;
  family_.elders = elders(means.forecast.before, family_.members);
  family_.self = Pid(getpid());
  owned_process_groups_ = owned_process_groups(means.forecast.before, herd_);
  family_.keeps_its_number = [this](ProcessId id) {
    const Doomed* member = herd_.find(id);
    if (member == nullptr || !member->handle) return false;
    return member->handle->keeps_its_number() || member->handle->its_group_lives();
  };
}

/// What they pass on to those they fork, read while they live.
void Escalation::learn_images() {
  std::vector<Pid> pids;
  for (const Doomed& member : herd_.members())
    if (member.lives() && pids.size() < kMostImages) pids.push_back(member.outcome.id.pid);
  const Result<World> now = means_.machine.read_some(pids, Known::image);
  if (!now) return;
  for (const Doomed& member : herd_.members()) {
    const TaskIndex task = now->find(member.outcome.id);
    if (!task || (*now)[task].fork_no_exec) continue;
    const std::string& image = now->details_of(task).image;
    if (!image.empty()) family_.images.insert(image);
  }
}

void Escalation::run() {
  if (means_.forecast.steps.empty()) return;
  if (may_look()) learn_images();
  // Between plan and signals a person may have been asked, and a family that forks all the time
  // needs no more than a moment. What was forked meanwhile is found while its parents live; once
  // they are dead, less of it can be told for sure.
  const World& before = means_.forecast.before;
  const bool cheap = before.tasks.size() <= kCheapToRead;
  if (may_look() && (cheap || age(before) > 2 * pace_.patience())) look_for_newcomers();
  for (std::size_t step = 0; step < means_.forecast.steps.size(); ++step) {
    wait_for_deaths(Clock::now());  // also sees whether a person wants no more of it
    if (interrupted_ || (step > 0 && !herd_.any_awaited())) break;
    begin_step(step);
    wait_out_step();
  }
  if (!means_.settings.only && !may_look()) may_have_missed_ = true;
  herd_.let_go();  // of those who could not be killed
  wait_for_deaths(Clock::now());
  tell_progress();
}

/// All of them asleep where they are, and all of them known.
void Escalation::hold_still(bool in_mid_step) {
  held_ = holding_ = step_was_held_ = true;
  in_mid_step_ = in_mid_step;
  herd_.hold_still();
  quiet_ = 0;
  for (unsigned round = 0; round < kMaxHeldRounds && !is_quiet(); ++round) {
    if (interrupted_ || !may_look()) break;
    const Clock::time_point begun = Clock::now();
    look_for_newcomers();
    // The processor may be all ours: they get as much of it, to come to where they stop.
    const Clock::time_point now = Clock::now();
    if (quiet_ == 0) wait_for_deaths(now + std::max<Clock::duration>(kToStop, now - begun));
  }
  may_have_missed_ = !is_quiet();
  holding_ = in_mid_step_ = false;
}

/// They are more than the signals reach.
void Escalation::hold_in_mid_step() {
  hold_still(true);
  if (signal() == signals::kKill && !interrupted_)
    kill();
  else
    herd_.let_go();
}

void Escalation::kill_process_groups() {
  for (const std::size_t place : owned_process_groups_) {
    const Doomed& leader = herd_.members()[place];
    if (!leader.handle->send_to_group(signals::kKill)) continue;
    const Pid group = leader.outcome.id.pid;
    if (std::ranges::find(killed_process_groups_, group) == killed_process_groups_.end())
      killed_process_groups_.push_back(group);
  }
}

/// By their groups where they own them, as no group misses one that is being forked; by their
/// handles in any case, which tell whom the signal did not reach.
void Escalation::kill() {
  OwnedGroups owned;
  if (!means_.settings.only) owned = owned_groups(means_.machine, herd_);
  if (!reclaim_) reclaim_.emplace(herd_, means_.forecast);
  for (const live::Cgroup& group : owned.v2)
    if (group.kill()) note(killed_groups_, group);
  if (!means_.settings.only) kill_process_groups();
  herd_.send(signals::kKill);
  reclaim_->go();
  for (const live::Cgroup& group : owned.freezer) {
    const bool frozen = group.frozen().value_or(false);
    if (group.thaw() && frozen) note(thawed_groups_, group);
  }
  hasten_the_large();
}

void Escalation::hasten_the_large() {
  if (!means_.settings.urgent) return;
  for (const std::size_t place : reclaim_->victims()) {
    const Doomed& member = herd_.members()[place];
    const bool dies = member.awaited() && member.outcome.last_signal == signals::kKill;
    if (dies && member.immunity.empty()) hasten(means_.machine, *member.handle);
  }
}

void Escalation::begin_step(std::size_t step) {
  step_ = step;
  step_was_held_ = false;
  if (grows_ && may_hold()) hold_still(false);
  if (interrupted_) return;  // a person wants no more of it, and run() lets them go
  if (signal() == signals::kKill) {
    kill();
  } else {
    herd_.send(signal());
    herd_.let_go();
  }
  const Clock::time_point now = Clock::now();
  deadline_ = now + patience();
  pace_.signals_sent(now, herd_.any_may_fork());
}

milliseconds Escalation::patience() const {
  return at_last_step() ? means_.settings.last_wait : means_.forecast.steps[step_].wait;
}

void Escalation::wait_out_step() {
  while (!interrupted_ && !settled()) {
    tell_progress();
    const Clock::time_point now = Clock::now();
    if (may_look() && (!herd_.any_awaited() || now >= pace_.next())) {
      if (look_for_newcomers() && may_hold() && !step_was_held_) hold_in_mid_step();
    } else if (now >= deadline_) {
      // Who was born last is not to be left to itself unseen: at the very end, look once more.
      if (!at_last_step() || !may_look() || !look_for_newcomers()) return;
    } else {
      wait_for_deaths(may_look() ? std::min(deadline_, pace_.next()) : deadline_);
    }
  }
}

bool Escalation::may_look() const {
  return !means_.settings.only && !blind_ && rounds_ < kMaxRounds;
}

/// Only those who are to be ended whatever comes: a daemon that is told to read its files anew
/// forks, too, and one that is to be stopped must not be let go.
bool Escalation::may_hold() const {
  return may_look() && means_.forecast.steps.back().signal == signals::kKill;
}

/// One that forks and ends all the time can be missed by two readings in a row, too: it has another
/// number when it comes to be read. Where somebody was born of them, nobody may be born at all
/// during one of the two; on a machine with many births, many readings do as well.
bool Escalation::is_quiet() const {
  if (quiet_ >= kQuietOnBusyMachine) return true;
  return quiet_ >= kQuietEnough && (!grows_ || sure_);
}

bool Escalation::settled() const {
  return !herd_.any_awaited() && (!may_look() || is_quiet());
}

bool Escalation::look_for_newcomers() {
  wait_for_deaths(Clock::now());
  bool may_miss = herd_.any_may_fork();
  const Clock::time_point begun = Clock::now();
  const Result<std::int64_t> births = means_.machine.births();
  Result<World> now = means_.machine.read({.passed_over = herd_.unreaped()});
  if (!now || !means_.machine.deepen(*now, strays(*now, family_), Known::image)) {
    blind_ = true;
    return false;
  }
  ++rounds_;
  may_miss = may_miss || herd_.any_yet_to_stop(*now);
  const std::vector<TaskIndex> found = newcomers(*now, family_);
  pace_.reading(begun, Clock::now());
  take_in(*now, found);
  owned_process_groups_ = owned_process_groups(*now, herd_);
  quiet_ = found.empty() && !may_miss ? quiet_ + 1 : 0;
  const Result<std::int64_t> births_after = means_.machine.births();
  sure_ = births && births_after && *births == *births_after;
  return !found.empty();
}

void Escalation::take_in(const World& now, const std::vector<TaskIndex>& found) {
  const bool waits = holding_ && (!in_mid_step_ || signal() == signals::kKill);
  const bool sending = herd_.first_signal().has_value() && !waits;
  if (!found.empty()) grows_ = true;
  for (TaskIndex task : found) {
    const ProcessId id = now.id(task);
    family_.members.insert_or_assign(id.pid, id.start);
    if (const TaskIndex parent = now[task].real_parent)
      herd_.note_parent(now.id(now.leader(parent)));
    const std::optional<std::size_t> place = herd_.adopt(id, now[task].comm);
    if (place && holding_) herd_.hold_still(*place);
    if (place && sending) herd_.send(signal(), *place);
  }
  // They get as long to end as the others got.
  if (!found.empty() && sending && at_last_step()) deadline_ = Clock::now() + patience();
}

void Escalation::wait_for_deaths(Clock::time_point until) {
  if (means_.observer != nullptr && until > next_tell_) until = std::max(next_tell_, Clock::now());
  const std::vector<std::size_t> ended = means_.watch.wait(until - Clock::now());
  herd_.note_ended(ended, Clock::now());
  if (!ended.empty()) pace_.deaths();
  if (means_.interrupts.taken()) interrupted_ = true;
}

std::optional<microseconds> Escalation::memory_back() const {
  std::optional<microseconds> last;
  if (!reclaim_ || !herd_.first_signal()) return last;
  for (const std::size_t place : reclaim_->victims()) {
    const Doomed& member = herd_.members()[place];
    const std::optional<Clock::time_point> early = reclaim_->released(place);
    if (!early && !member.ended) return {};
    const microseconds own =
        early ? duration_cast<microseconds>(*early - *herd_.first_signal()) : member.outcome.took;
    last = std::max(last.value_or(microseconds{0}),
                    member.ended ? std::min(own, member.outcome.took) : own);
  }
  return last;
}

std::vector<ProcessId> Escalation::released() const {
  std::vector<ProcessId> ids;
  if (!reclaim_) return ids;
  for (const std::size_t place : reclaim_->victims())
    if (reclaim_->released(place)) ids.push_back(herd_.members()[place].outcome.id);
  return ids;
}

void Escalation::tell_progress() {
  const Clock::time_point now = Clock::now();
  if (means_.observer == nullptr || now < next_tell_) return;
  next_tell_ = now + kBetweenTold;
  Progress progress{.ended = herd_.members().size() - herd_.living(),
                    .total = herd_.members().size(),
                    .signal = signal()};
  if (!at_last_step()) progress.next = means_.forecast.steps[step_ + 1].signal;
  progress.until_next = std::max(milliseconds(0), duration_cast<milliseconds>(deadline_ - now));
  means_.observer->progress(progress);
}

}  // namespace knell::act
