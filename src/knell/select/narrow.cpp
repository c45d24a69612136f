#include "knell/select/narrow.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>

#include <fmt/format.h>

#include "knell/select/duration.hpp"
#include "knell/select/find.hpp"

namespace knell::select {
namespace {

constexpr std::string_view kStates = "RSDTtIZX";  // proc_pid_stat(5)

/// /proc shows Z for a leader that ended while other threads of its process live. Such a process
/// runs: it is in the state of its first living thread, or asleep where no threads were read.
TaskState state_of(const World& world, TaskIndex process) {
  const TaskState state = world[process].state;
  if (state != TaskState::zombie || world.is_zombie(process)) return state;
  for (TaskIndex each = world[process].next_thread; each; each = world[each].next_thread)
    if (world[each].state != TaskState::zombie && world[each].state != TaskState::dead)
      return world[each].state;
  return TaskState::sleeping;
}

std::uint64_t age_in_ticks(const World& world, TaskIndex process) {
  const std::uint64_t start = world.signal_of(process).start.value();
  return world.now.value() > start ? world.now.value() - start : 0;
}

/// Rounded up: a process is not old enough a tick too early.
std::uint64_t ticks(const World& world, std::chrono::milliseconds duration) {
  const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  const std::uint64_t per_second = world.ticks_per_second;
  return count / 1000 * per_second + (count % 1000 * per_second + 999) / 1000;
}

bool has_user(const World& world, TaskIndex process, const std::vector<Uid>& users) {
  const CredIndex cred = world[process].cred;
  return cred && std::ranges::find(users, world[cred].euid) != users.end();
}

bool has_parent(const World& world, TaskIndex process, const std::vector<Pid>& parents) {
  const TaskIndex parent = world[process].real_parent;
  return parent && std::ranges::find(parents, world.id(parent).pid) != parents.end();
}

bool lets_through(const World& world, TaskIndex process, const Filter& filter,
                  const Narrowing& narrowing, Option option) {
  switch (option) {
    case Option::user:
      return filter.users.empty() || has_user(world, process, narrowing.users);
    case Option::older:
      return !filter.older || age_in_ticks(world, process) >= ticks(world, *filter.older);
    case Option::younger:
      return !filter.younger || age_in_ticks(world, process) < ticks(world, *filter.younger);
    case Option::parent:
      return filter.parents.empty() || has_parent(world, process, filter.parents);
    case Option::state:
      return filter.states.empty() ||
             filter.states.find(static_cast<char>(state_of(world, process))) != std::string::npos;
    case Option::exclude:
      return narrowing.excluded.empty() || !narrowing.excluded[process.place()];
  }
  return false;
}

}  // namespace

Result<Narrowing> prepare(const World& world, std::span<const TaskIndex> processes,
                          const Filter& filter, const Answers& answers) {
  Narrowing narrowing;
  if (filter.states.find_first_not_of(kStates) != std::string::npos)
    return failure(EINVAL, "understand", fmt::format("--state {}", filter.states),
                   fmt::format("the states are {}", kStates));
  for (const std::string& user : filter.users)
    narrowing.users.push_back(KNELL_TRY(answer_to(answers.users, user)));
  if (!filter.exclude.empty()) narrowing.excluded.resize(world.tasks.size());
  for (const Target& target : filter.exclude) {
    Finding finding = KNELL_TRY(find_named(world, processes, target, filter.full, answers));
    if (finding.unanswered) return std::unexpected(std::move(finding.why_none));
    for (const TaskIndex task : finding.named) narrowing.excluded[task.place()] = true;
  }
  return narrowing;
}

std::optional<Option> refused_by(const World& world, TaskIndex process, const Filter& filter,
                                 const Narrowing& narrowing) {
  for (std::size_t place = 0; place < kOptions; ++place)
    if (const auto option = static_cast<Option>(place);
        !lets_through(world, process, filter, narrowing, option))
      return option;
  return {};
}

std::string option_text(const Filter& filter, Option option) {
  const auto each = [](std::string_view name, const auto& values, auto text) {
    std::string all;
    for (const auto& value : values) {
      if (!all.empty()) all += ' ';
      all += fmt::format("{} {}", name, text(value));
    }
    return all;
  };
  switch (option) {
    case Option::user:
      return each("--user", filter.users, std::identity{});
    case Option::older:
      return fmt::format("--older {}", duration_word(*filter.older));
    case Option::younger:
      return fmt::format("--younger {}", duration_word(*filter.younger));
    case Option::parent:
      return each("--parent", filter.parents, [](Pid pid) { return pid.value(); });
    case Option::state:
      return fmt::format("--state {}", filter.states);
    case Option::exclude:
      return each("--exclude", filter.exclude, [](const Target& target) { return target.typed; });
  }
  return {};
}

}  // namespace knell::select
