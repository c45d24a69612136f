#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ranges>
#include <utility>

#include "knell/live/cgroup.hpp"
#include "knell/supervise/place.hpp"

namespace knell::supervise {
namespace {

using live::Cgroup;
using live::Fd;

/// Also after its last process a group may be busy for a moment: those that were killed leave it
/// while they end.
constexpr int kTriesToRemove = 50;
constexpr int kTriesToFreeze = 50;
constexpr useconds_t kBetweenTries = 2'000;

Result<Cgroup> own_group() {
  const live::Machine machine = KNELL_TRY(live::Machine::open());
  const live::CgroupsOf groups = KNELL_TRY(machine.cgroups_of(Pid(::getpid())));
  if (groups.v2.empty()) return failure(ENOENT, "find", "a cgroup v2 to make one in");
  return groups.v2.front();
}

/// The group and all groups inside of it, each before those that it has inside.
std::vector<Cgroup> with_inner(const Cgroup& group) {
  std::vector<Cgroup> groups;
  std::vector<Cgroup> to_visit{group};
  while (!to_visit.empty()) {
    groups.push_back(std::move(to_visit.back()));
    to_visit.pop_back();
    for (Cgroup& inner : groups.back().children().value_or(std::vector<Cgroup>()))
      to_visit.push_back(std::move(inner));
  }
  return groups;
}

void remove_all(const Cgroup& group) {
  for (const Cgroup& inner : std::views::reverse(with_inner(group)))
    static_cast<void>(inner.remove());
}

class InCgroup : public Place {
public:
  explicit InCgroup(bool cgroup_kill) : cgroup_kill_(cgroup_kill) {}

  [[nodiscard]] Enclosure kind() const override { return Enclosure::cgroup; }
  [[nodiscard]] std::string where() const override { return group_.path(); }

  [[nodiscard]] Result<void> start(Launch& launch, bool /*keep*/) override {
    group_ = KNELL_TRY(own_group()).child("knell-run-" + std::to_string(::getpid()));
    Result<void> made = group_.make();
    // Of a supervisor that had this pid and was killed, its command too: nobody is in it.
    if (!made && made.error().number == EEXIST && group_.remove()) made = group_.make();
    KNELL_TRY(std::move(made));
    Result<void> started = start_inside(launch);
    if (!started) clear();
    return started;
  }

  void kill(Descendants& descendants) override {
    const bool at_once = cgroup_kill_ && group_.can_kill();
    const bool reached = at_once ? group_.kill().has_value() : kill_frozen(descendants);
    // Whoever may write to another group may leave this one, but remains a descendant.
    const Result<bool> populated = group_.populated();
    if (!reached || !populated || !*populated) sweep(descendants);
  }

  void clear() override {
    for (int tries = 0; tries < kTriesToRemove && group_.exists(); ++tries) {
      remove_all(group_);
      if (!group_.exists()) return;
      ::usleep(kBetweenTries);
    }
  }

private:
  Result<void> start_inside(const Launch& launch) {
    const Fd directory(::open(group_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid()) return failure(errno, "open cgroup", group_.path());
    const pid_t child = clone_process(0, directory.get());
    if (child == 0) launch.become(true);
    if (child < 0 && cannot_be_born_inside(errno)) return move_inside(launch);
    if (child < 0) return failure(errno, "start the command in", group_.path());
    set_child(child);
    return {};
  }

  /// Before Linux 5.7, and where clone3 is filtered.
  static bool cannot_be_born_inside(int number) {
    return number == ENOSYS || number == EINVAL || number == E2BIG || number == EOPNOTSUPP;
  }

  /// The child is moved, and begins only then.
  Result<void> move_inside(const Launch& launch) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure(errno, "make", "a pipe");
    const Fd wait(ends[0]);
    Fd go(ends[1]);
    const pid_t child = clone_process(0);
    if (child < 0) return failure(errno, "start", "the command");
    if (child == 0) {
      ::close(go.get());
      char moved = 0;
      if (::read(wait.get(), &moved, 1) != 1) ::_exit(0);
      launch.become(true);
    }
    const Result<void> moved = group_.add(Pid(child));
    if (moved && ::write(go.get(), "", 1) != 1) return failure(errno, "write to", "a pipe");
    go = Fd();
    if (!moved) ::waitpid(child, nullptr, 0);
    if (moved) set_child(child);
    return moved;
  }

  /// Where there is no cgroup.kill (before Linux 5.14): what is frozen does not fork, and who is
  /// not yet by the end of the wait is found the next time.
  bool kill_frozen(Descendants& descendants) {
    if (!group_.can_freeze() || !group_.freeze()) return false;
    for (int tries = 0; tries < kTriesToFreeze && !group_.frozen().value_or(true); ++tries)
      ::usleep(kBetweenTries);
    for (const Process& process : descendants.look())
      static_cast<void>(descendants.send(process, signals::kKill));
    return group_.thaw().has_value();
  }

  bool cgroup_kill_;
  Cgroup group_{""};
};

}  // namespace

std::unique_ptr<Place> in_cgroup(bool cgroup_kill) {
  return std::make_unique<InCgroup>(cgroup_kill);
}

}  // namespace knell::supervise
