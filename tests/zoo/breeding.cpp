/// Those that are more again before one has counted them.
///
/// The fork bomb: a table that all its processes share has a place for each. A process looks at its
/// neighbours' places all the time, and fills one whose process is dead by forking. Every few
/// milliseconds it forks into its own place and ends, so that a list of its processes is wrong
/// before it is read. Only the first one stays where it is, to have a name.

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "zoo/animal.hpp"
#include "zoo/shared.hpp"

namespace knell::zoo {
namespace {

constexpr std::size_t kMostPlaces = 1024;
constexpr std::uint64_t kPlaces = 64;
constexpr std::int64_t kNap = 2;  // milliseconds between two looks at the neighbours
constexpr int kNapsOfALife = 5;   // then it hops
constexpr int kMostRebirths = 10'000;

/// A pid; or, negative, the pid of the process that is about to fork into the place; or 0.
using Place = std::atomic<pid_t>;

bool exists(pid_t pid) {
  return pid != 0 && (::kill(std::abs(pid), 0) == 0 || errno == EPERM);
}

class Bomb {
public:
  Bomb(const Life& life, bool apart)
      : life_(life),
        apart_(apart),
        count_(std::clamp<std::size_t>(life.count(), 2, kMostPlaces)),
        places_(shared_with_children<std::array<Place, kMostPlaces>>()) {}

  [[noreturn]] void go_off() {
    ::signal(SIGCHLD, SIG_IGN);  // whoever ends is gone at once
    places_[0] = ::getpid();
    for (std::size_t place = 1; place < count_; ++place) fill(place, 0);
    while (!full()) nap(1);
    life_.stands(::getpid());
    while (!life_.over()) look_around(0);
    ::_exit(0);
  }

private:
  [[nodiscard]] bool full() const {
    return std::all_of(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(count_),
                       [](const Place& place) { return place > 0; });
  }

  void fill(std::size_t place, pid_t before) {
    pid_t expected = before;
    const pid_t claim = -::getpid();
    if (!places_[place].compare_exchange_strong(expected, claim)) return;
    const pid_t child = ::fork();
    if (child == 0) live_at(place, claim);
    if (child < 0) places_[place] = 0;
  }

  [[noreturn]] void live_at(std::size_t place, pid_t before) {
    if (apart_) ::setsid();
    const pid_t self = ::getpid();
    pid_t expected = before;
    if (!places_[place].compare_exchange_strong(expected, self)) ::_exit(0);
    for (int naps = 0; naps < kNapsOfALife && !life_.over(); ++naps) look_around(place);
    if (!life_.over() && ::fork() == 0) live_at(place, self);
    ::_exit(0);
  }

  void look_around(std::size_t place) {
    nap(kNap);
    const auto any = static_cast<std::size_t>(::getpid());
    for (const std::size_t other : {place + 1, place + 2, place + any}) {
      const pid_t who = places_[other % count_];
      if (other % count_ != place && !exists(who)) fill(other % count_, who);
    }
  }

  const Life& life_;
  bool apart_;
  std::size_t count_;
  std::array<Place, kMostPlaces>& places_;
};

void live_as_bomb(const Life& life) {
  Bomb(life, false).go_off();
}

void live_as_bomb_apart(const Life& life) {
  Bomb(life, true).go_off();
}

/// The two that resurrect each other. Each holds a pidfd on the other; whoever sees the other end
/// forks, and the newborn takes its place.
class Pair {
public:
  explicit Pair(const Life& life)
      : life_(life), rebirths_(shared_with_children<std::atomic<int>>()) {}

  [[noreturn]] void live() {
    ::signal(SIGCHLD, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    const Muster muster;
    const pid_t self = ::getpid();
    const pid_t other = start([&] {
      muster.here();
      keep_watch(self);
    });
    muster.wait_for(1);
    life_.stands(self);
    keep_watch(other);
  }

private:
  [[noreturn]] void keep_watch(pid_t other) {
    while (true) {
      const auto pidfd = static_cast<int>(::syscall(SYS_pidfd_open, other, 0));
      if (pidfd >= 0) wait_for_end(pidfd);
      if (life_.over() || ++rebirths_ > kMostRebirths) ::_exit(0);
      const pid_t self = ::getpid();
      other = start([&] { keep_watch(self); });
    }
  }

  void wait_for_end(int pidfd) const {
    pollfd ends{pidfd, POLLIN, 0};
    while (!life_.over() && ::poll(&ends, 1, static_cast<int>(life_.remaining())) <= 0) {
    }
    ::close(pidfd);
  }

  const Life& life_;
  std::atomic<int>& rebirths_;
};

void live_as_pair(const Life& life) {
  Pair(life).live();
}

}  // namespace

std::vector<Animal> breeding() {
  return {{.name = "fork-bomb",
           .what = "64 processes that replace their dead, and themselves every 10 ms",
           .must = "none is left, and none comes again",
           .live = live_as_bomb,
           .count = kPlaces},
          {.name = "fork-bomb-apart",
           .what = "as fork-bomb, each in a session of its own; a cgroup holds them together",
           .must = "none is left, and none comes again",
           .live = live_as_bomb_apart,
           .enclosure = Enclosure::group,
           .count = kPlaces},
          {.name = "resurrecting",
           .what = "two that ignore TERM; when one ends, the other starts it again",
           .must = "both are gone, and none comes again",
           .live = live_as_pair}};
}

}  // namespace knell::zoo
