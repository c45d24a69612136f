#include "knell/conform/possible.hpp"

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

void run_one(World& world, kernel::KernelVersion version, TaskIndex task) {
  Kernel kernel(world, version);
  kernel.silent = kernel.preemptible = true;
  kernel::run(kernel, task);
}

/// Runs as long as there is no choice.
void run_the_only_one(World& world, kernel::KernelVersion version) {
  while (world.run_queue.size() == 1) run_one(world, version, world.run_queue.front());
}

/// The World after each member of the run queue, those not seen yet; the first in the queue is the
/// last here, so that it is the next to be taken up.
void push_successors(std::vector<World>& stack, const World& world, kernel::KernelVersion version,
                     Seen& seen) {
  const std::vector<TaskIndex> queue = world.run_queue;
  for (std::size_t i = queue.size(); i-- > 0;) {
    World next = world;
    run_one(next, version, queue[i]);
    run_the_only_one(next, version);
    if (seen.insert(hash_of(next)).second) stack.push_back(std::move(next));
  }
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

bool for_each_outcome(World world, kernel::KernelVersion version, const Bounds& bounds,
                      const std::function<void(World)>& outcome) {
  Seen seen;
  std::vector<World> stack;
  stack.push_back(std::move(world));
  run_the_only_one(stack.back(), version);
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
  Kernel kernel(world, likely_.version);
  kernel.preemptible = true;
  script::perform(kernel, action);
  while (!world.run_queue.empty()) {
    if (world.run_queue.size() > 1) only_one_ = false;
    kernel::run(kernel, world.run_queue.front());
  }
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
    for (World& world : possible) {
      Kernel kernel(world, likely_.version);
      kernel.silent = kernel.preemptible = true;
      script::perform(kernel, happened.action);
      if (!for_each_outcome(std::move(world), likely_.version, bounds_,
                            [&](World end) { next.add(std::move(end)); }))
        tried_all_ = false;
    }
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
