#include "zoo/life.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "knell/live/fd.hpp"

namespace knell::zoo {
namespace {

char* arguments_begin = nullptr;
std::size_t arguments_size = 0;

/// Reads one byte; false at the end of the file.
bool read_byte(int fd) {
  char byte = 0;
  while (true) {
    const ssize_t got = ::read(fd, &byte, 1);
    if (got >= 0) return got == 1;
    if (errno != EINTR) return false;
  }
}

}  // namespace

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
}

void nap(std::int64_t milliseconds) {
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

std::int64_t Life::remaining() const {
  return terms_.until - now();
}

void Life::stands(pid_t target) const {
  if (terms_.ready < 0) return;
  const std::string line = fmt::format("{} ready\n", target);
  if (::write(terms_.ready, line.data(), line.size()) < 0) give_up("tell that it stands");
}

void Life::await_go() const {
  if (terms_.go < 0) return;
  if (!read_byte(terms_.go)) give_up("hear that it may go on");
}

void Life::rest() const {
  while (!over()) nap(std::max<std::int64_t>(remaining(), 1));
  ::_exit(0);
}

pid_t start(const std::function<void()>& then) {
  const pid_t child = ::fork();
  if (child < 0) give_up("fork");
  if (child > 0) return child;
  then();
  ::_exit(0);
}

void start_stray(const std::function<void()>& then) {
  const pid_t middle = start([&] {
    ::setsid();
    start(then);
  });
  ::waitpid(middle, nullptr, 0);
}

void give_up(const char* what) {
  const std::string line = fmt::format("knell-zoo: cannot {}: {}\n", what, std::strerror(errno));
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) ::_exit(71);
  ::_exit(70);
}

bool keep_own_number(uid_t user, gid_t group) {
  const auto write = [](const char* path, const std::string& text) {
    const live::Fd file(::open(path, O_WRONLY | O_CLOEXEC));
    return file.valid() && ::write(file.get(), text.data(), text.size()) > 0;
  };
  return write("/proc/self/setgroups", "deny") &&
         write("/proc/self/uid_map", fmt::format("{0} {0} 1", user)) &&
         write("/proc/self/gid_map", fmt::format("{0} {0} 1", group));
}

void share_one_cpu() {
  cpu_set_t cpus;
  if (::sched_getaffinity(0, sizeof cpus, &cpus) != 0) give_up("ask for its CPUs");
  std::size_t first = 0;
  while (!CPU_ISSET(first, &cpus)) ++first;
  CPU_ZERO(&cpus);
  CPU_SET(first, &cpus);
  if (::sched_setaffinity(0, sizeof cpus, &cpus) != 0) give_up("choose a CPU");
}

Muster::Muster() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) give_up("open a pipe");
  read_ = ends[0];
  write_ = ends[1];
}

void Muster::here() const {
  if (::write(write_, "\n", 1) < 0) give_up("tell that it stands");
}

void Muster::wait_for(std::uint64_t count) const {
  while (count > 0) {
    char byte = 0;
    if (::read(read_, &byte, 1) == 1 && byte == '\n') --count;
  }
}

void remember_arguments(char** argv, char** environment) {
  arguments_begin = argv[0];
  char* end = argv[0];
  for (char** word = argv; *word != nullptr; ++word) end = *word + std::strlen(*word) + 1;
  for (char** word = environment; *word != nullptr; ++word) end = *word + std::strlen(*word) + 1;
  arguments_size = static_cast<std::size_t>(end - arguments_begin);
}

void show_arguments(std::string_view instead) {
  if (arguments_size == 0) return;
  std::memset(arguments_begin, 0, arguments_size);
  std::memcpy(arguments_begin, instead.data(), std::min(instead.size(), arguments_size - 1));
}

void live_with_a_child(const Life& life) {
  const Muster muster;
  start([&] {
    muster.here();
    life.rest();
  });
  muster.wait_for(1);
  life.stands(::getpid());
  life.rest();
}

}  // namespace knell::zoo
