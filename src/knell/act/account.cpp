#include "knell/act/account.hpp"

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "knell/act/survivor.hpp"

namespace knell::act {
namespace {

using std::chrono::milliseconds;

// A parent is woken by its child's end and needs a moment to wait for it; only then does the
// kernel tell others how it ended (PIDFD_INFO_EXIT).
constexpr int kMoments = 5;
constexpr milliseconds kMoment{1};
// So many are asked one by one, and again; more of them are read all at once.
constexpr std::size_t kFew = 64;

/// False while more could become known of it.
bool ask_how_it_ended(const live::Machine& machine, Doomed& member) {
  if (!member.outcome.status) member.outcome.status = member.handle->exit_status(machine);
  member.outcome.zombie = member.handle->keeps_its_number();
  return member.outcome.status && !member.outcome.zombie;
}

std::vector<Doomed*> watched_to_their_end(Herd& herd) {
  std::vector<Doomed*> ended;
  for (Doomed& member : herd.members())
    if (member.handle && member.ended) ended.push_back(&member);
  return ended;
}

void give_parents_a_moment(const live::Machine& machine, std::vector<Doomed*> open) {
  const auto known = [&](Doomed* member) { return ask_how_it_ended(machine, *member); };
  std::erase_if(open, known);
  for (int moment = 0; moment < kMoments && !open.empty(); ++moment) {
    std::this_thread::sleep_for(kMoment);
    std::erase_if(open, known);
  }
}

Result<World> read_ended(const live::Machine& machine, Herd& herd) {
  std::vector<Pid> pids;
  for (const Doomed& member : herd.members())
    if (member.ended) pids.push_back(member.outcome.id.pid);
  return pids.size() > kFew ? machine.read(Questions{}) : machine.read_some(pids, Known::stat);
}

/// One reading for all of them: where there is one zombie there are often a thousand.
void look_at_zombies(const live::Machine& machine, Herd& herd) {
  const Result<World> world = read_ended(machine, herd);
  if (!world) return;
  for (Doomed& member : herd.members()) {
    if (!member.ended) continue;
    const TaskIndex task = world->find(member.outcome.id);
    member.outcome.zombie = task && world->is_zombie(task);
    if (!member.outcome.zombie) continue;
    const Task& zombie = (*world)[task];
    // 0 is also what it says to those who may not know.
    if (!member.outcome.status && zombie.exit_code != 0)
      member.outcome.status = WaitStatus(zombie.exit_code);
    if (!zombie.parent) continue;
    const TaskIndex parent = world->leader(zombie.parent);
    member.outcome.zombie_of = world->id(parent);
    member.outcome.zombie_of_name = (*world)[parent].comm;
  }
}

void ask_how_they_ended(const live::Machine& machine, Herd& herd) {
  const std::vector<Doomed*> ended = watched_to_their_end(herd);
  if (ended.size() <= kFew) give_parents_a_moment(machine, ended);
  look_at_zombies(machine, herd);
  for (Doomed* member : ended)
    if (!member->outcome.status) member->outcome.status = member->handle->exit_status(machine);
}

void settle_survivor(const live::Machine& machine, Doomed& member) {
  plan::ProcessOutcome& outcome = member.outcome;
  const bool denied = member.refused && member.refused->number == EPERM;
  outcome.fate = denied && !outcome.last_signal ? plan::Fate::not_permitted : plan::Fate::survived;
  outcome.why = member.refused ? member.refused->message() : why_it_lives(machine, member);
}

}  // namespace

void settle(const live::Machine& machine, Herd& herd) {
  ask_how_they_ended(machine, herd);
  for (Doomed& member : herd.members())
    if (!member.ended)
      settle_survivor(machine, member);
    else if (member.handle)
      member.outcome.fate = plan::Fate::ended;
}

void settle_unwatched(Herd& herd) {
  for (Doomed& member : herd.members()) {
    if (!member.lives()) continue;
    const bool denied = member.refused && member.refused->number == EPERM;
    member.outcome.fate = denied ? plan::Fate::not_permitted : plan::Fate::unknown;
    if (member.refused) member.outcome.why = member.refused->message();
  }
}

}  // namespace knell::act
