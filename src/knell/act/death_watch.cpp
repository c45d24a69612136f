#include "knell/act/death_watch.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace knell::act {
namespace {

constexpr std::uint64_t kInterrupts = ~std::uint64_t{0};

Result<void> add_to(int epoll, int fd, std::uint32_t events, std::uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return failure(errno, "watch", "a process");
}

/// Rounded up: rounded down, the last millisecond before a deadline would be a busy one.
int to_timeout(std::chrono::nanoseconds longest) {
  using std::chrono::milliseconds;
  if (longest <= longest.zero()) return 0;
  const auto whole = std::chrono::ceil<milliseconds>(longest);
  return static_cast<int>(std::min(whole, milliseconds(60'000)).count());
}

}  // namespace

Result<DeathWatch> DeathWatch::open() {
  live::Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return failure(errno, "open", "an epoll instance");
  return DeathWatch(std::move(epoll));
}

Result<void> DeathWatch::add(int pidfd, std::size_t place) const {
  // Once: a zombie's pidfd stays readable for as long as nobody waits for it.
  return add_to(epoll_.get(), pidfd, EPOLLIN | EPOLLONESHOT, place);
}

Result<void> DeathWatch::add_interrupts(int fd) const {
  return add_to(epoll_.get(), fd, EPOLLIN, kInterrupts);
}

std::vector<std::size_t> DeathWatch::wait(std::chrono::nanoseconds longest) const {
  std::vector<std::size_t> ended;
  std::array<epoll_event, 512> events{};
  int timeout = to_timeout(longest);
  while (true) {
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
      if (data != kInterrupts) ended.push_back(static_cast<std::size_t>(data));
    }
    // EINTR returns, too: the caller knows what it was waiting for, and asks again.
    if (count < static_cast<int>(events.size())) return ended;
    timeout = 0;
  }
}

}  // namespace knell::act
