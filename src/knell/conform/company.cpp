#include "knell/conform/company.hpp"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace knell::conform {
namespace {

/// How many numbers a clone may leave out: each that fails takes one away.
constexpr int kNumbersToTry = 256;

}  // namespace

Company::Company(const Memory& memory, int proc) : shared_(*memory), proc_(proc), highest_(1) {
  players_.emplace_back(proc, Pid(1), 0, shared_.slots[0]);
}

Player* Company::find(Pid pid) {
  const auto found = std::ranges::find(players_, pid, &Player::pid);
  return found == players_.end() ? nullptr : &*found;
}

/// The first that nobody has, nor will have.
template <class Number>
std::optional<Number> Company::unused(Number Player::* of_player, Number Expected::* of_expected,
                                      Number first) const {
  for (Number number = first; number < kSlots; ++number) {
    const auto has = [&](const Player& each) { return each.*of_player == number; };
    const auto will_have = [&](const Expected& each) { return each.*of_expected == number; };
    if (std::ranges::none_of(players_, has) && std::ranges::none_of(expected_, will_have))
      return number;
  }
  return std::nullopt;
}

/// Stack 0 is the one that every program starts on; a task with a copy of another's memory may run
/// on any other, so a new one is nobody's at all.
Result<void> Company::expect_child(const Player& actor, const Call& clone) {
  const auto slot = unused(&Player::slot, &Expected::slot, std::size_t{0});
  const auto stack = unused(&Player::stack, &Expected::stack, std::uint32_t{1});
  if (!slot || !stack) return failure(EAGAIN, "stage", "one more task", "64 are the most");
  clear(shared_.slots[*slot]);
  Slot& parent = slot_of(actor);
  parent.child = static_cast<std::uint32_t>(*slot);
  parent.child_stack = (clone.arg[0] & CLONE_VM) != 0 ? *stack : actor.stack;
  const bool new_namespace = (clone.arg[0] & CLONE_NEWPID) != 0;
  expected_.push_back({actor.pid, *slot, parent.child_stack, new_namespace});
  return {};
}

/// The child's number in the first pid namespace. The parent's result has the one in the parent's
/// own; whose is the same is known by the list of numbers that /proc shows.
std::optional<Pid> Company::number_of(const Expected& expected) const {
  const Pid number(shared_.slots[expected.slot].number);
  if (number == Pid{}) return std::nullopt;
  if (births_.of(expected.parent).inits.size() == 1) return number;
  for (int next = 1; next <= kNumbersToTry; ++next) {
    const Pid guess(highest_.value() + next);
    const auto look = ProcTask(proc_, guess).look();
    if (look) return guess;
  }
  return std::nullopt;
}

bool Company::admit_newcomer() {
  for (const Expected& expected : expected_) {
    const auto pid = number_of(expected);
    if (!pid) continue;
    const Expected born = expected;
    std::erase_if(expected_, [&](const Expected& each) { return each.slot == born.slot; });
    return admit(born, *pid);
  }
  return false;
}

bool Company::admit(const Expected& expected, Pid pid) {
  Player newcomer(proc_, pid, expected.slot, shared_.slots[expected.slot]);
  highest_ = std::max(highest_, pid);
  newcomer.ran = newcomer.files.ran();
  const auto look = newcomer.files.look();
  if (!look) return false;  // born, and gone again
  newcomer.look = *look;
  const Player* const parent = find(expected.parent);
  const bool copy = shared_.slots[expected.slot].begun != 0;
  if (copy && parent != nullptr) newcomer.handlers = parent->handlers;
  Birth birth{newcomer.files.numbers(), births_.of(expected.parent).inits};
  if (expected.new_namespace) birth.inits.push_back(pid);
  if (birth.numbers.size() == birth.inits.size()) births_.enter(pid, std::move(birth));
  players_.insert(std::ranges::upper_bound(players_, pid, {}, &Player::pid), std::move(newcomer));
  return true;
}

void Company::dismiss(Pid pid) {
  Player* const gone = find(pid);
  const Pid leader = gone->look.seen.tgid;
  const Slot& slot = slot_of(*gone);
  const bool execs = call_of(slot) == Sys::execve || slot.programs != gone->programs;
  if (execs && leader != pid)
    successor_ = Successor{leader, gone->slot, gone->programs, gone->handlers};
  players_.erase(players_.begin() + (gone - players_.data()));
}

/// It is known when the new program has begun. Until then it may yet be ended.
void Company::let_successor_take_over() {
  if (successor_ && shared_.slots[successor_->slot].programs != successor_->programs) take_over();
}

void Company::take_over() {
  const Successor successor = *std::exchange(successor_, std::nullopt);
  Player* const leader = find(successor.leader);
  if (leader == nullptr) return;
  leader->slot = successor.slot;
  leader->programs = successor.programs;
  leader->handlers = successor.handlers;
}

/// A new program that a tracer stopped before it began has taken over, too, and so has one that was
/// ended before. Of a thread that was ended in execve the leader is left, who has begun long ago.
void Company::be_settled() {
  std::erase_if(expected_, [&](const Expected& each) {
    const Player* const parent = find(each.parent);
    return parent == nullptr || call_of(slot_of(*parent)) != Sys::clone;
  });
  const Player* const leader = successor_ ? find(successor_->leader) : nullptr;
  if (leader != nullptr && (leader->look.state != 'Z' || !leader->look.has_begun)) take_over();
  successor_.reset();
}

}  // namespace knell::conform
