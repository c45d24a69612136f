#include "support/child.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace knell::test {
namespace {

constexpr int kLongestMs = 20'000;
constexpr auto kByPidfd = static_cast<idtype_t>(3);  // P_PIDFD

int pidfd_of(pid_t pid) {
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0U));
}

int send_through(int pidfd, int signal) {
  return static_cast<int>(syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0U));
}

bool readable(int fd, int timeout_ms) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, timeout_ms) > 0;
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  return {ends[0], ends[1]};
}

[[noreturn]] void be(const Behaviour& behaviour, const Pipe& pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close(pipe.read_end);
  behaviour(Handshake(pipe.write_end));
  _exit(0);
}

pid_t clone_with_pid(pid_t pid) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
  arguments.set_tid_size = 1;
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

/// The fields of /proc/PID/stat behind the name, the state first; none where it ends meanwhile.
std::istringstream stat_fields(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text, '\0');  // an iterator would throw where reading fails
  const std::size_t name_end = text.rfind(')');
  return std::istringstream(name_end == std::string::npos ? "" : text.substr(name_end + 1));
}

}  // namespace

void Handshake::tell(std::int64_t number) const {
  const Child::Message message{.number = number, .start = {}};
  if (write(fd_, &message, sizeof message) != sizeof message) _exit(99);
}

void Handshake::introduce(pid_t pid) const {
  const Child::Message message{.number = pid, .start = identity(pid).start};
  if (write(fd_, &message, sizeof message) != sizeof message) _exit(99);
}

Guard::Guard(ProcessId id) : id_(id) {
  const int pidfd = pidfd_of(id.pid.value());
  if (identity(id.pid.value()) == id && send_through(pidfd, 0) == 0)
    pidfd_ = pidfd;  // its number was its own when it was looked at
  else
    close(pidfd);
}
Guard::Guard(pid_t pid) : id_(identity(pid)), pidfd_(pidfd_of(pid)) {
}
Guard::Guard(Guard&& other) noexcept : id_(other.id_), pidfd_(std::exchange(other.pidfd_, -1)) {
}
Guard::~Guard() {
  if (pidfd_ < 0) return;
  send_through(pidfd_, SIGKILL);
  wait();
  close(pidfd_);
}

bool Guard::lives() const {
  return pidfd_ >= 0 && !readable(pidfd_, 0);
}

std::optional<WaitStatus> Guard::wait() {
  siginfo_t info{};
  if (pidfd_ < 0 || !readable(pidfd_, kLongestMs)) return {};
  if (waitid(kByPidfd, static_cast<id_t>(pidfd_), &info, WEXITED | WNOHANG | __WALL) != 0)
    return {};
  if (info.si_pid == 0) return {};
  if (info.si_code == CLD_EXITED) return WaitStatus::exited(info.si_status);
  return WaitStatus::killed(Signal(info.si_status), info.si_code == CLD_DUMPED);
}

Child::Child(pid_t pid, int read_end) : guard_(pid), read_end_(read_end) {
  const std::optional<Message> message = receive();
  EXPECT_TRUE(message) << "the child did not become ready";
  first_ = message.value_or(Message{});
}

Child::Child(const Behaviour& behaviour)
    : Child([&] {
        const Pipe pipe = make_pipe();
        const pid_t pid = fork();
        if (pid == 0) be(behaviour, pipe);
        close(pipe.write_end);
        return Child(pid, pipe.read_end);
      }()) {
}

std::optional<Child> Child::with_pid(pid_t pid, const Behaviour& behaviour) {
  const Pipe pipe = make_pipe();
  const pid_t made = clone_with_pid(pid);
  if (made == 0) be(behaviour, pipe);
  close(pipe.write_end);
  if (made > 0) return Child(made, pipe.read_end);
  close(pipe.read_end);
  return {};
}

Child::Child(Child&& other) noexcept
    : guard_(std::move(other.guard_)),
      read_end_(std::exchange(other.read_end_, -1)),
      first_(other.first_) {
}

Child::~Child() {
  if (read_end_ >= 0) close(read_end_);
}

std::optional<Child::Message> Child::receive() const {
  Message message;
  if (!readable(read_end_, kLongestMs)) return {};
  if (read(read_end_, &message, sizeof message) != sizeof message) return {};
  return message;
}

ProcessId Child::process(const Message& message) {
  return {Pid(static_cast<pid_t>(message.number)), message.start};
}

std::optional<std::int64_t> Child::next() const {
  const std::optional<Message> message = receive();
  return message ? std::optional(message->number) : std::nullopt;
}

std::optional<ProcessId> Child::next_process() const {
  const std::optional<Message> message = receive();
  return message ? std::optional(process(*message)) : std::nullopt;
}

std::vector<ProcessId> children_of(const Child& parent, std::size_t count) {
  std::vector<ProcessId> ids{parent.first_process()};
  while (ids.size() < count) {
    const std::optional<ProcessId> id = parent.next_process();
    if (!id) break;
    ids.push_back(*id);
  }
  EXPECT_EQ(ids.size(), count);
  return ids;
}

Subreaper::Subreaper() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}
Subreaper::~Subreaper() {
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

ProcessId identity(pid_t pid) {
  std::istringstream fields = stat_fields(pid);
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;  // proc_pid_stat(5): starttime
  return {Pid(pid), StartTime(field.empty() ? 0 : std::stoull(field))};
}

char state_letter(pid_t pid) {
  std::string state;
  stat_fields(pid) >> state;
  return state.empty() ? '-' : state.front();
}

}  // namespace knell::test
