#include "zoo/inside.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "zoo/killer.hpp"
#include "zoo/neighbours.hpp"
#include "zoo/observer.hpp"

namespace knell::zoo {
namespace {

constexpr std::int64_t kStands = 120'000;  // milliseconds that an animal may take to stand
constexpr std::int64_t kKiller = 120'000;  // and a killer to return
constexpr std::int64_t kStarter = 60'000;  // one that starts what it ends, and acts sooner

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) give_up("open a pipe");
    read = ends[0];
    write = ends[1];
  }
};

void inherit(int fd) {
  ::fcntl(fd, F_SETFD, 0);
}

bool shows(Sign sign, pid_t target) {
  const char state = look_at(target).state;
  switch (sign) {
    case Sign::none:
      return true;
    case Sign::stopped:
      return state == 'T';
    case Sign::traced:
      return state == 't';
    case Sign::uninterruptible:
      return state == 'D';
    case Sign::zombie:
      return state == 'Z';
    case Sign::dumping:
      return dumps_core(target);
  }
  return false;
}

class Keeper {
public:
  Keeper(const Job& job, const Fence& fence)
      : job_(job),
        fence_(fence),
        neighbours_({.user = job.user,
                     .comm = zoo::comm_of(*job.animal),
                     .enter =
                         [&] {
                           fence_.enter();
                           inherit(ready_.write);
                           inherit(go_.read);
                           if (fence_.entrance() >= 0) inherit(fence_.entrance());
                           ::dup2(errors_, STDERR_FILENO);
                         },
                     .program = starting_command(job, terms())}) {}

  Outcome keep(const Stands& stands) {
    Outcome outcome;
    started_ = now();
    animal_ = neighbours_.start_animal();
    outcome.skipped = wait_until_it_stands();
    if (!outcome.skipped.empty()) return outcome;
    neighbours_.start_latecomers();
    if (job_.animal->enclosure == Enclosure::starved) neighbours_.start_busy_one();
    outcome.processes = static_cast<int>(those_of_the_animal().size());
    if (job_.killer == Killer::nobody) {
      stands(target_);
      wait_until([&] { return nobody_is_left(); }, job_.life);
    } else {
      let_it_be_killed(outcome);
    }
    return outcome;
  }

private:
  [[nodiscard]] Life::Terms terms() const {
    return {.ready = ready_.write,
            .go = go_.read,
            .count = job_.count,
            .until = now() + job_.life,
            .place = fence_.place(),
            .group = fence_.entrance()};
  }

  /// Why it does not; empty: it does.
  std::string wait_until_it_stands() {
    if (!wait_until([&] { return hear_target() || ended_early(); }, kStands))
      return "the animal does not say that it stands";
    if (target_ == 0) return "the animal ended before it stood" + last_words();
    target_ = seen_from_here(target_);
    if (!fence_.close()) return "the enclosure cannot be closed";
    if (::write(go_.write, "x", 1) != 1) return "the animal cannot be told to go on";
    const auto shown = [&] { return shows(job_.animal->sign, target_); };
    if (!wait_until([&] { return shown() || look_at(target_).pid == 0; }, kStands) || !shown())
      return fmt::format("pid {} stands, but does not show it: state {}", target_,
                         look_at(target_).state);
    return "";
  }

  /// What the animal, or what it is started by, has complained of.
  [[nodiscard]] std::string last_words() const {
    std::string text = text_of(errors_);
    if (!text.empty()) text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    return text.empty() ? "" : " (" + text + ")";
  }

  /// Where knell-run has made a pid namespace, the animal speaks of that namespace's numbers.
  [[nodiscard]] pid_t seen_from_here(pid_t target) const {
    if (job_.killer != Killer::knell_run) return target;
    const std::vector<Seen> all = everybody();
    const bool apart = std::ranges::any_of(all, [&](const Seen& seen) {
      return seen.parent == animal_ && all_pids_of(seen.pid).size() > 1;
    });
    if (!apart) return target;
    for (const Seen& seen : all)
      if (const auto pids = all_pids_of(seen.pid); pids.size() == 2 && pids.back() == target)
        return seen.pid;
    return target;
  }

  /// True once it was heard, or never will be.
  bool hear_target() {
    pollfd readable{ready_.read, POLLIN, 0};
    if (::poll(&readable, 1, 0) <= 0) return false;
    char letter = 0;
    if (::read(ready_.read, &letter, 1) != 1) return false;
    if (letter != '\n') {
      heard_ += letter;
      return hear_target();
    }
    target_ = std::atoi(heard_.c_str());
    return true;
  }

  bool ended_early() { return !look_at(animal_).lives && nobody_is_left() && !hear_target(); }

  void let_it_be_killed(Outcome& outcome) {
    if (!starts_what_it_ends(job_.killer)) started_ = now();
    run_killer(outcome);
    const std::int64_t returned = now();
    const bool gone = wait_until([&] { return nobody_is_left(); }, job_.settle);
    outcome.seconds = static_cast<double>((gone ? now() : returned) - started_) / 1000;
    count(outcome);
    outcome.hit = neighbours_.hit();
    fence_.open();
    if (outcome.left > 0 && is_frozen(job_.animal->enclosure))
      wait_until([&] { return nobody_is_left(); }, job_.settle);
    outcome.left_after_opening = nobody_is_left() ? 0 : std::max(left(), 1);
  }

  void run_killer(Outcome& outcome) {
    if (starts_what_it_ends(job_.killer)) {
      wait_until([&] { return !look_at(animal_).lives; }, kStarter);
      outcome.said = text_of(errors_);
      return;
    }
    const int says = ::memfd_create("what the killer says", MFD_CLOEXEC);
    const pid_t killer = start([&] {
      ::setsid();
      become(job_.user);
      ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
      ::dup2(says, STDOUT_FILENO);
      ::dup2(says, STDERR_FILENO);
      run(command_of(job_, target_, fence_.group()));
    });
    killer_ = killer;
    if (!wait_until([&] { return killer_ == 0; }, kKiller)) {
      outcome.said = "it did not return\n";
      ::kill(killer, SIGKILL);
      wait_until([&] { return killer_ == 0; }, kKiller);
    } else {
      outcome.status = killer_status_;
    }
    outcome.said += text_of(says);
    ::close(says);
  }

  static std::string text_of(int file) {
    std::string text(static_cast<std::size_t>(std::max<off_t>(::lseek(file, 0, SEEK_END), 0)), 0);
    const ssize_t got = ::pread(file, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
  }

  /// What an init does, unless the animal needs one that does not: of the dead, it lets go.
  void reap() {
    if (job_.animal->enclosure == Enclosure::deaf_init) {
      int status = 0;
      if (killer_ != 0 && ::waitpid(killer_, &status, WNOHANG) == killer_) note(killer_, status);
      return;
    }
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) note(pid, status);
  }

  void note(pid_t pid, int status) {
    if (pid != killer_) return;
    killer_ = 0;
    killer_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  /// Meanwhile whoever ends is reaped as soon as it does.
  template <typename Condition>
  bool wait_until(const Condition& holds, std::int64_t limit) {
    const std::int64_t end = now() + limit;
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    const timespec pause{0, 2'000'000};
    while (true) {
      reap();
      if (holds()) return true;
      if (now() >= end) return false;
      ::sigtimedwait(&children, nullptr, &pause);
    }
  }

  [[nodiscard]] bool is_of_the_zoo(const Seen& seen) const {
    if (seen.pid == 1 || seen.pid == killer_) return true;
    if (starts_what_it_ends(job_.killer) && seen.pid == animal_) return true;
    return std::ranges::any_of(neighbours_.innocents(), [&](const Seen& innocent) {
      return innocent.pid == seen.pid && innocent.start == seen.start;
    });
  }

  [[nodiscard]] std::vector<Seen> those_of_the_animal() const {
    std::vector<Seen> all = everybody();
    std::erase_if(all, [&](const Seen& seen) { return is_of_the_zoo(seen); });
    return all;
  }

  [[nodiscard]] int left() const {
    return static_cast<int>(std::ranges::count_if(those_of_the_animal(), &Seen::lives));
  }
  /// /proc is read one by one: of those that fork meanwhile all can be missed. So it counts only if
  /// no pid was given away.
  [[nodiscard]] bool nobody_is_left() const {
    const pid_t before = last_pid();
    return left() == 0 && last_pid() == before;
  }

  void count(Outcome& outcome) {
    reap();
    const pid_t before = last_pid();
    for (const Seen& seen : those_of_the_animal()) {
      if (seen.lives && ++outcome.left <= 10) outcome.states += seen.state;
      if (!seen.lives) ++outcome.zombies;
    }
    if (last_pid() != before) outcome.left = std::max(outcome.left, 1);  // somebody has forked
  }

  const Job& job_;
  const Fence& fence_;
  Pipe ready_;
  Pipe go_;
  int errors_ = ::memfd_create("what the animal complains of", MFD_CLOEXEC);
  Neighbours neighbours_;
  std::string heard_;
  std::int64_t started_ = 0;
  pid_t animal_ = 0;  ///< the process that was started: the animal's first, or timeout
  pid_t target_ = 0;
  pid_t killer_ = 0;
  int killer_status_ = -1;
};

}  // namespace

Outcome keep_inside(const Job& job, const Fence& fence, const Stands& stands) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("proc", "/proc", "proc", 0, nullptr) != 0)
    return {.skipped = "cannot mount a /proc of its own"};
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, nullptr);
  return Keeper(job, fence).keep(stands);
}

}  // namespace knell::zoo
