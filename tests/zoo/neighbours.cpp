#include "zoo/neighbours.hpp"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>

#include "zoo/life.hpp"
#include "zoo/shared.hpp"

namespace knell::zoo {

struct Neighbours::Roll {
  std::atomic<int> asked;
  std::array<std::atomic<int>, 1 << 12> answers;  ///< innocents' pids are small, and not far apart

  std::atomic<int>& answer_of(pid_t pid) {
    return answers.at(static_cast<std::size_t>(pid) % answers.size());
  }
};

void become(uid_t user) {
  if (user == ::geteuid()) return;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
      ::setresuid(user, user, user) != 0)
    give_up("become another user");
  ::prctl(PR_SET_DUMPABLE, 1);  // else its files in /proc are root's
}

void run(const std::vector<std::string>& command) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGCHLD, SIGPIPE}) ::signal(signal, SIG_DFL);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words.front(), words.data());
  give_up(("run " + command.front()).c_str());
}

Neighbours::Neighbours(const Animal& animal) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    give_up("make a pair of sockets");
  here_ = ends[0];
  shell_ = ends[1];
  roll_ = &shared_with_children<Roll>();
  shell_pid_ = start([&] { be_shell(animal); });
  for (const Order order : {Order::child, Order::mate, Order::daemon}) start_innocent(order);
  innocents_.push_back(look_at(shell_pid_));
}

void Neighbours::start_latecomers() {
  start_innocent(Order::child);
  start_innocent(Order::daemon);
}

int Neighbours::hit() const {
  ++roll_->asked;
  return static_cast<int>(
      std::ranges::count_if(innocents_, [&](const Seen& before) { return !is_unhurt(before); }));
}

bool Neighbours::is_unhurt(const Seen& before) const {
  while (true) {
    const Seen seen = look_at(before.pid);
    if (!seen.lives || seen.start != before.start || seen.state == 'T') return false;
    if (before.pid == shell_pid_ || roll_->answer_of(before.pid) == roll_->asked) return true;
    nap(1);
  }
}

pid_t Neighbours::ask_for(Order order) const {
  pid_t pid = 0;
  if (::send(here_, &order, sizeof order, MSG_NOSIGNAL) != sizeof order ||
      ::read(here_, &pid, sizeof pid) != sizeof pid)
    give_up("speak to the shell");
  return pid;
}

void Neighbours::start_innocent(Order order) {
  innocents_.push_back(look_at(ask_for(order)));
}

void Neighbours::be_shell(const Animal& animal) const {
  ::setsid();
  become(animal.user);
  ::prctl(PR_SET_NAME, "zoo-shell");
  ::signal(SIGCHLD, SIG_IGN);  // whoever ends is gone at once
  Order order{};
  while (::read(shell_, &order, sizeof order) == sizeof order) obey(order, animal);
  ::_exit(0);
}

void Neighbours::obey(Order order, const Animal& animal) const {
  switch (order) {
    case Order::child:
      start([&] { be_innocent(animal.comm); });
      break;
    case Order::mate:
      start([&] { be_innocent("zoo-innocent"); });
      break;
    case Order::daemon:
      start_stray([&] { be_innocent(animal.comm); });
      break;
    case Order::busy:
      start([&] { be_busy(); });
      break;
    case Order::animal:
      start([&] {
        ::setpgid(0, 0);
        animal.enter();
        introduce_oneself();
        run(animal.program);
      });
      break;
  }
}

void Neighbours::introduce_oneself() const {
  const pid_t self = ::getpid();
  if (::send(shell_, &self, sizeof self, MSG_NOSIGNAL) != sizeof self) ::_exit(1);
}

void Neighbours::be_busy() const {
  share_one_cpu();
  ::prctl(PR_SET_NAME, "zoo-busy");
  introduce_oneself();
  while (true) roll_->answer_of(::getpid()) = roll_->asked.load();
}

void Neighbours::be_innocent(const std::string& comm) const {
  ::prctl(PR_SET_NAME, comm.c_str());
  introduce_oneself();
  while (true) {
    nap(10);
    roll_->answer_of(::getpid()) = roll_->asked.load();
  }
}

}  // namespace knell::zoo
