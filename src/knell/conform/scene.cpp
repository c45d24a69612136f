#include "knell/conform/scene.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "knell/kernel/kernel.hpp"

namespace knell::conform {
namespace {

using script::Argument;

/// A descriptor that is open nowhere: for a call that is to fail.
constexpr int kNoDescriptor = 77;

bool lives(const Task& task) {
  return task.state != TaskState::zombie && task.state != TaskState::released;
}

Argument whose(Argument::Kind kind, const Somebody& somebody) {
  Argument argument;
  argument.kind = kind;
  argument.name = somebody.name;
  return argument;
}

}  // namespace

Scene::Scene(const script::Run& run, Random& random, std::span<const Signal> signals)
    : run_(run), random_(random), signals_(signals) {
  for (const script::Named& named : run.names) {
    const TaskIndex task = script::task_of(run, named.name);
    if (!task || world()[task].state == TaskState::released) continue;
    present_.push_back({named.name, task});
    if (lives(world()[task])) ++living_;
    if (kernel::accepts_calls(world(), task)) able_.push_back({named.name, task});
  }
}

bool Scene::choose_actor() {
  if (able_.empty()) return false;
  actor_ = random_.one_of(std::span<const Somebody>(able_));
  child_.clear();
  for (const Somebody& each : present_) {
    const Task& task = world()[each.task];
    if (task.real_parent && world()[task.real_parent].signal == this->task().signal)
      child_.push_back(each);
  }
  return true;
}

const UserContext* Scene::context() const {
  return task().context ? &world()[task().context] : nullptr;
}

std::vector<int> Scene::descriptors(File::Type type) const {
  std::vector<int> found;
  if (!task().files) return found;
  for (const Descriptor& each : world()[task().files].fds)
    if (world()[each.file].type == type) found.push_back(each.fd);
  return found;
}

const Somebody& Scene::anybody() const {
  return random_.one_of(std::span<const Somebody>(present_));
}

const Somebody& Scene::child() const {
  return random_.one_of(std::span<const Somebody>(child_));
}

Signal Scene::signal() const {
  if (random_.percent(85)) return random_.one_of(signals_);
  if (random_.percent(6)) return Signal(random_.one_of({0, 65, 32, 33, 64, 9, 19}));
  return Signal(1 + static_cast<int>(random_.below(Signal::kRealTimeFirst + 1)));
}

Signal Scene::signal_for(const Somebody& somebody) const {
  if (random_.percent(40)) return signal();
  const Task& task = world()[somebody.task];
  SigSet noticed = world()[task.sighand].caught;
  if (random_.percent(30)) noticed = noticed | task.blocked;
  const int count = std::popcount(noticed.bits());
  if (count == 0 || count > 32) return signal();
  for (auto skip = random_.below(static_cast<std::uint64_t>(count)); skip > 0; --skip)
    noticed.remove(noticed.lowest());
  return noticed.lowest();
}

SigSet Scene::some_signals() const {
  if (random_.percent(5)) return ~SigSet{};
  SigSet set;
  for (Signal each : signals_)
    if (random_.percent(40)) set.add(each);
  if (random_.percent(10)) set.add(Signal(1 + static_cast<int>(random_.below(Signal::kLast))));
  return set;
}

std::int64_t Scene::descriptor(File::Type type) const {
  const std::vector<int> found = descriptors(type);
  if (found.empty() || random_.percent(2)) return kNoDescriptor;
  return random_.one_of(std::span<const int>(found));
}

std::int64_t Scene::any_descriptor() const {
  if (!task().files || world()[task().files].fds.empty() || random_.percent(5))
    return kNoDescriptor;
  return random_.one_of(std::span<const Descriptor>(world()[task().files].fds)).fd;
}

std::string Scene::new_name() const {
  return "p" + std::to_string(run_.names.size() + 1);
}

script::Step Scene::call(Sys nr, std::initializer_list<Argument> arguments) const {
  script::CallStep call;
  call.actor = actor_.name;
  call.nr = nr;
  std::ranges::copy(arguments, call.arguments.begin());
  return {.what = std::move(call)};
}

Argument number(std::int64_t value) {
  Argument argument;
  argument.value = value;
  return argument;
}
Argument number(Signal signal) {
  return number(signal.number());
}
Argument number(SigSet set) {
  return number(static_cast<std::int64_t>(set.bits()));
}
Argument pid_of(const Somebody& somebody) {
  return whose(Argument::Kind::task, somebody);
}
Argument minus(const Somebody& somebody) {
  return whose(Argument::Kind::minus_task, somebody);
}
Argument group_of(const Somebody& somebody) {
  return whose(Argument::Kind::group, somebody);
}
Argument minus_group_of(const Somebody& somebody) {
  return whose(Argument::Kind::minus_group, somebody);
}

}  // namespace knell::conform
