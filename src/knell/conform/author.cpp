#include "knell/conform/author.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace knell::conform {
namespace {

/// What a scenario's signals are chosen from: one of each kind that Linux treats in its own way.
constexpr std::array kSignals{
    signals::kTerm, signals::kInt,  signals::kUsr1, signals::kUsr2, signals::kChld, signals::kChld,
    signals::kCont, signals::kCont, signals::kTstp, signals::kTstp, signals::kTtin, signals::kTtou,
    signals::kStop, signals::kHup,  signals::kPipe, signals::kSegv, signals::kQuit, signals::kUrg,
    signals::kAlrm, signals::kKill, Signal(34),     Signal(34),     Signal(35),     Signal(64),
};
constexpr std::size_t kLiked = 5;

/// A step may name somebody who has no number where the actor is; then another one is made up.
constexpr int kTries = 20;

/// Long enough for a timer that fires soon (write_times.cpp), and for it alone.
constexpr std::uint64_t kPass = 60;

/// A timer that fires soon: time has to pass before anything else is done.
bool starts_a_short_timer(const script::Step& step) {
  const auto* call = std::get_if<script::CallStep>(&step.what);
  if (call == nullptr) return false;
  const auto soon = [&](std::size_t which) {
    const std::int64_t value = call->arguments[which].value;
    return value > 0 && value <= static_cast<std::int64_t>(kPass);
  };
  return (call->nr == Sys::setitimer && soon(1)) || (call->nr == Sys::nanosleep && soon(0));
}

}  // namespace

Author::Author(std::uint64_t seed, Allowed allowed) : seed_(seed), random_(seed) {
  for (std::size_t i = 0; i < kLiked; ++i)
    signals_.push_back(random_.one_of(std::span<const Signal>(kSignals)));
  adopt(write_tasks(), 1);  // without them there is nobody but init
  for (const auto subject :
       {write_signals(), write_handlers(), write_waits(), write_identities(), write_files(),
        write_locks(), write_terminals(), write_traces(), write_times()})
    adopt(subject);
  if (allowed.users) adopt(write_users());
}

/// A subject is left out by some and dwelt upon by others, and so is each of its steps.
void Author::adopt(std::span<const Writer> writers, unsigned least) {
  const unsigned subject = std::max(least, random_.one_of({0U, 1U, 2U, 2U, 4U}));
  for (const Writer& writer : writers) {
    const unsigned habit = std::max(least, random_.one_of({0U, 2U, 2U, 2U, 4U}));
    if (subject * habit * writer.weight > 0)
      habits_.push_back({writer, subject * habit * writer.weight});
  }
}

script::Script Author::beginning() const {
  script::Script script;
  script.story = {"Made up by knell conform, seed " + std::to_string(seed_) + "."};
  script.ttys = 1;
  return script;
}

const Author::Habit* Author::choose(const Scene& scene) {
  possible_.clear();
  std::uint64_t sum = 0;
  for (const Habit& habit : habits_) {
    if (habit.writer.possible != nullptr && !habit.writer.possible(scene)) continue;
    possible_.push_back(&habit);
    sum += habit.weight;
  }
  std::uint64_t drawn = random_.below(sum);
  for (const Habit* habit : possible_) {
    if (drawn < habit->weight) return habit;
    drawn -= habit->weight;
  }
  return nullptr;
}

std::optional<script::Step> Author::next(const script::Run& run) {
  if (std::exchange(time_has_to_pass_, false))
    return script::Step{.what = script::PassStep{.milliseconds = kPass}};
  Scene scene(run, random_, signals_);
  for (int tries = 0; tries < kTries; ++tries) {
    if (!scene.choose_actor()) return std::nullopt;
    const Habit* habit = choose(scene);
    if (habit == nullptr) return std::nullopt;
    script::Step step = habit->writer.write(scene);
    if (!script::resolve(run, step)) continue;
    time_has_to_pass_ = starts_a_short_timer(step);
    return step;
  }
  return std::nullopt;
}

}  // namespace knell::conform
