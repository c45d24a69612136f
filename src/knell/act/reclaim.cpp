#include "knell/act/reclaim.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

namespace knell::act {
namespace {

constexpr std::size_t kMost = 8;
constexpr std::chrono::seconds kLongest{10};
constexpr std::chrono::microseconds kPause{200};

struct Victim {
  std::size_t place = 0;
  std::uint64_t bytes = 0;
  live::Fd pidfd;
  std::atomic<Clock::duration> released{Clock::duration::zero()};  ///< since the clock's beginning

  Victim(std::size_t at, std::uint64_t size, int fd)
      : place(at), bytes(size), pidfd(::fcntl(fd, F_DUPFD_CLOEXEC, 0)) {}
};

enum class Answer : std::uint8_t { released, later, never };

Answer release(const Victim& victim) {
  if (::syscall(SYS_process_mrelease, victim.pidfd.get(), 0U) == 0) return Answer::released;
  // EINVAL: not dying yet. EAGAIN: some of it is left. ESRCH: it has none any more.
  return errno == EINVAL || errno == EAGAIN || errno == EINTR ? Answer::later : Answer::never;
}

void note(Victim& victim, Answer answer) {
  if (answer == Answer::released) victim.released = Clock::now().time_since_epoch();
}

void release_until_done(Victim& victim, Clock::time_point until) {
  while (Clock::now() < until) {
    const Answer answer = release(victim);
    note(victim, answer);
    if (answer != Answer::later) return;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

struct Reclaim::State {
  std::vector<std::unique_ptr<Victim>> victims;  ///< the largest first
  std::atomic<bool> ready = false;
  std::atomic<bool> killed = false;
  std::atomic<bool> called_off = false;

  void run() {
    ready = true;
    catch_the_largest();
    // To be waited for so briefly that falling asleep would take longer.
    while (!killed && !called_off) std::this_thread::yield();
    if (called_off) return;
    const Clock::time_point until = Clock::now() + kLongest;
    for (const std::unique_ptr<Victim>& victim : victims)
      if (victim->released.load() == Clock::duration::zero()) release_until_done(*victim, until);
  }

  /// At the very moment that the signal reaches it.
  void catch_the_largest() {
    Answer answer = Answer::later;
    while (answer == Answer::later && !killed && !called_off) {
      answer = release(*victims.front());
      note(*victims.front(), answer);
      if (answer == Answer::later) std::this_thread::yield();
    }
  }
};

Reclaim::Reclaim(const Herd& herd, const plan::Forecast& forecast) {
  auto state = std::make_shared<State>();
  for (std::size_t place = 0; place < forecast.processes.size(); ++place) {
    const Doomed& member = herd.members()[place];
    const std::uint64_t bytes = forecast.processes[place].private_bytes;
    if (member.lives() && bytes >= kWorth)
      state->victims.push_back(std::make_unique<Victim>(place, bytes, member.handle->fd()));
  }
  std::ranges::stable_sort(state->victims, std::ranges::greater(),
                           [](const auto& victim) { return victim->bytes; });
  if (state->victims.size() > kMost) state->victims.resize(kMost);
  if (state->victims.empty()) return;
  try {
    std::thread([state] { state->run(); }).detach();
  } catch (const std::system_error&) {  // EAGAIN: no more threads
    return;
  }
  while (!state->ready) std::this_thread::yield();
  state_ = std::move(state);
}

Reclaim::~Reclaim() {
  if (state_) state_->called_off = true;
}

void Reclaim::go() {
  if (state_) state_->killed = true;
}

std::vector<std::size_t> Reclaim::victims() const {
  std::vector<std::size_t> places;
  if (state_)
    for (const std::unique_ptr<Victim>& victim : state_->victims) places.push_back(victim->place);
  return places;
}

std::optional<Clock::time_point> Reclaim::released(std::size_t place) const {
  if (!state_) return {};
  for (const std::unique_ptr<Victim>& victim : state_->victims)
    if (victim->place == place && victim->released.load() != Clock::duration::zero())
      return Clock::time_point(victim->released.load());
  return {};
}

}  // namespace knell::act
