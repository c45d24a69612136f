#include "knell/conform/possible.hpp"

#include <ranges>
#include <unordered_set>
#include <utility>

#include "knell/conform/world_hash.hpp"
#include "knell/kernel/kernel.hpp"

namespace knell::conform {
namespace {

using kernel::Kernel;
using Seen = std::unordered_set<WorldHash>;

/// What nobody will ask for again: the handlers that ran before, and the programs of the gone.
void forget(World& world) {
  for (UserContext& context : world.contexts) context.ran.clear();
  for (const Task& task : world.tasks)
    if (task.state == TaskState::released && task.context) world[task.context] = {};
}

/// Lets the kernel do something to the World, and goes on as long as only one task can run: every
/// World that this may end in.
template <class Change, class Take>
void for_each_choice(const World& world, kernel::KernelVersion version, const Change& change,
                     const Take& take) {
  kernel::Choices choices;
  do {
    World next = world;
    Kernel kernel(next, version);
    kernel.silent = true;
    kernel.choices = &choices;
    change(kernel);
    while (next.run_queue.size() == 1) kernel::run(kernel, next.run_queue.front());
    take(std::move(next));
  } while (choices.advance());
}

/// The Worlds after each member of the run queue, those not seen yet; the first in the queue is the
/// last here, so that it is the next to be taken up.
void push_successors(std::vector<World>& stack, const World& world, kernel::KernelVersion version,
                     Seen& seen) {
  for (const TaskIndex task : std::views::reverse(world.run_queue))
    for_each_choice(
        world, version, [&](Kernel& kernel) { kernel::run(kernel, task); },
        [&](World next) {
          if (seen.insert(hash_of(next)).second) stack.push_back(std::move(next));
        });
}

/// The candidates of the next step: outcomes that look like what came, each once.
class Candidates {
public:
  Candidates(const Observation& came, const Bounds& bounds) : came_(came), bounds_(bounds) {}

  void add(World world) {
    const Observation foretold = observe(world);
    if (foretold != came_) return look_how_near(foretold);
    forget(world);
    if (!seen_.insert(hash_of(world)).second) return;
    if (worlds.size() < bounds_.candidates)
      worlds.push_back(std::move(world));
    else
      all = false;
  }

  std::vector<World> worlds;
  std::vector<std::string> nearest;  ///< how the one differs that differs least
  bool all = true;

private:
  void look_how_near(const Observation& foretold) {
    std::vector<std::string> lines = differences(foretold, came_);
    if (nearest.empty() || lines.size() < nearest.size()) nearest = std::move(lines);
  }

  const Observation& came_;
  const Bounds& bounds_;
  Seen seen_;
};

}  // namespace

bool for_each_outcome(const World& world, kernel::KernelVersion version, const Bounds& bounds,
                      const std::function<void(World)>& outcome) {
  Seen seen;
  std::vector<World> stack;
  for_each_choice(
      world, version, [](Kernel&) {}, [&](World next) { stack.push_back(std::move(next)); });
  while (!stack.empty()) {
    if (seen.size() > bounds.worlds) return false;
    World next = std::move(stack.back());
    stack.pop_back();
    if (next.run_queue.empty())
      outcome(std::move(next));
    else
      push_successors(stack, next, version, seen);
  }
  return true;
}

PossibleWorlds::PossibleWorlds(script::Run run, const Bounds& bounds)
    : bounds_(bounds), likely_(std::move(run)), since_{likely_.world} {
}

void PossibleWorlds::foresee(const script::Step& step, const script::Action& action) {
  World& world = likely_.world;
  forget(world);
  if (only_one_) {
    since_.assign(1, world);
    happened_.clear();
  }
  happened_.push_back({action, {}});
  const script::Before before = script::before(likely_, step);
  kernel::Choices choices;
  Kernel kernel(world, likely_.version);
  kernel.choices = &choices;
  script::perform(kernel, action);
  while (!world.run_queue.empty()) {
    if (world.run_queue.size() > 1) only_one_ = false;
    kernel::run(kernel, world.run_queue.front());
  }
  if (!choices.none()) only_one_ = false;
  script::learn(likely_, step, before, kernel.log);
}

Judgement PossibleWorlds::judge(const Observation& came) {
  happened_.back().came = came;
  Judgement judgement{differences(observe(likely_.world), came)};
  if (judgement.fits()) return judgement;
  if (!only_one_ && explain(judgement.differences)) return {};
  judgement.undecided = !tried_all_;
  return judgement;
}

/// Goes through all that happened since, with every order; what is possible now is what is left.
bool PossibleWorlds::explain(std::vector<std::string>& nearest) {
  ++explored_;
  std::vector<World> possible = since_;
  for (const Happened& happened : happened_) {
    Candidates next(happened.came, bounds_);
    for (const World& world : possible)
      for_each_choice(
          world, likely_.version, [&](Kernel& kernel) { script::perform(kernel, happened.action); },
          [&](const World& begun) {
            if (!for_each_outcome(begun, likely_.version, bounds_,
                                  [&](World end) { next.add(std::move(end)); }))
              tried_all_ = false;
          });
    tried_all_ = tried_all_ && next.all;
    possible = std::move(next.worlds);
    nearest = std::move(next.nearest);
  }
  if (possible.empty()) return false;
  most_candidates_ = std::max(most_candidates_, possible.size());
  happened_.clear();
  since_ = std::move(possible);
  likely_.world = since_.front();
  only_one_ = since_.size() == 1;
  return true;
}

}  // namespace knell::conform
