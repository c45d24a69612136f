#include "knell/act/ending.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "knell/act/account.hpp"
#include "knell/act/descriptor_limit.hpp"
#include "knell/act/escalation.hpp"
#include "knell/act/memory_count.hpp"
#include "knell/act/urgency.hpp"

namespace knell::act {
namespace {

using std::chrono::duration_cast, std::chrono::microseconds;

std::unexpected<Error> too_many(std::size_t handles) {
  const std::string needed = std::to_string(handles + DescriptorLimit::kReserve);
  return failure(EMFILE, "open", "a handle on each of " + std::to_string(handles) + " processes",
                 "it takes " + needed + " descriptors: ulimit -n " + needed);
}

Result<void> hold_all(Herd& herd, const plan::Forecast& forecast, const DescriptorLimit& limit) {
  const std::size_t handles = forecast.processes.size();
  if (Result<void> held = herd.hold(forecast); !held)
    return held.error().number == EMFILE ? too_many(handles) : held;
  if (!limit.has_room_above(herd.highest_descriptor())) return too_many(handles);
  return {};
}

plan::Outcome outcome_of(Herd& herd, Clock::time_point begun) {
  plan::Outcome outcome;
  for (Doomed& member : herd.members()) outcome.processes.push_back(std::move(member.outcome));
  outcome.took = duration_cast<microseconds>(Clock::now() - begun);
  return outcome;
}

plan::Outcome signal_and_leave(Herd& herd, const plan::Forecast& forecast) {
  const Clock::time_point begun = Clock::now();
  if (!forecast.steps.empty()) herd.send(forecast.steps.front().signal);
  settle_unwatched(herd);
  plan::Outcome outcome = outcome_of(herd, begun);
  outcome.waited = false;
  outcome.rounds = 0;
  return outcome;
}

}  // namespace

Result<plan::Outcome> end(const live::Machine& machine, const plan::Forecast& forecast,
                          const Settings& settings, Observer* observer) {
  const DescriptorLimit limit(forecast.processes.size());
  const Urgency urgency(settings.urgent);
  if (!settings.wait) {
    Herd herd(machine, nullptr);
    KNELL_TRY(hold_all(herd, forecast, limit));
    return signal_and_leave(herd, forecast);
  }

  const Interrupts interrupts = KNELL_TRY(Interrupts::hold());
  const DeathWatch watch = KNELL_TRY(DeathWatch::open());
  KNELL_TRY(watch.add_interrupts(interrupts.fd()));
  Herd herd(machine, &watch);
  KNELL_TRY(hold_all(herd, forecast, limit));

  const MemoryCount memory(machine, forecast);
  const Clock::time_point begun = Clock::now();
  Escalation escalation({machine, forecast, settings, observer, watch, interrupts}, herd);
  escalation.run();
  settle(machine, herd);

  plan::Outcome outcome = outcome_of(herd, begun);
  outcome.freed = memory.freed();
  outcome.freed.after = escalation.memory_back();
  outcome.rounds = escalation.rounds();
  outcome.may_have_missed = escalation.may_have_missed();
  outcome.held_still = escalation.held_still();
  outcome.killed_groups = escalation.killed_groups();
  outcome.killed_process_groups = escalation.killed_process_groups();
  outcome.thawed_groups = escalation.thawed_groups();
  outcome.released = escalation.released();
  outcome.interrupted = escalation.interrupted() || interrupts.taken();
  return outcome;
}

}  // namespace knell::act
