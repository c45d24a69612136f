#include "hog.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "knell/live/machine.hpp"
#include "knell/live/mountinfo.hpp"
#include "knell/live/proc_fs.hpp"

namespace knell::bench {
namespace {

using live::Cgroup;

// 56 parts of 1024 + 56 (sched_prio_to_weight of kernel/sched/core.c): 5 %.
constexpr int kNice = 13;
constexpr std::chrono::microseconds kBetweenLooks{100};
// More than any machine has: what is used of it grows as what is available shrinks.
constexpr std::uint64_t kWholeMachine = std::uint64_t{1} << 60;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::optional<Cgroup> make_group(std::string_view type, std::string_view controller) {
  live::ProcReader proc(AT_FDCWD);
  const auto text = proc.whole("/proc/self/mountinfo");
  for (const live::Mount& mount : live::parse_mountinfo(text.value_or(""))) {
    if (mount.type != type || (!controller.empty() && !live::has_option(mount, controller)))
      continue;
    const auto version = type == "cgroup2" ? Cgroup::Version::v2 : Cgroup::Version::v1;
    Cgroup group = Cgroup(mount.point, version).child("knell-bench-" + std::to_string(::getpid()));
    if (group.make()) return group;
  }
  return {};
}

void remove_group(const std::optional<Cgroup>& group) {
  for (int tries = 0; group && tries < 1000 && !group->remove(); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// A number in a file; 0 where there is none.
std::uint64_t number_in(const std::string& path) {
  std::uint64_t number = 0;
  std::ifstream(path) >> number;
  return number;
}

template <class Life>
pid_t start(const Life& life) {
  const pid_t child = ::fork();
  if (child < 0) give_up("bench: fork");
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  life();
  ::_exit(0);
}

void end(pid_t child) {
  ::kill(child, SIGKILL);  // a child, not waited for: still ours
  ::waitpid(child, nullptr, 0);
}

void hold(std::uint64_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) give_up("bench: mmap");
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);  // the slowest to give back
  for (std::size_t at = 0; at < bytes; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
}

/// Before all that is measured: whoever looks must not wait for a processor.
class FirstOfAll {
public:
  FirstOfAll() {
    const sched_param above_knell{.sched_priority = sched_get_priority_min(SCHED_FIFO) + 1};
    sched_setscheduler(0, SCHED_FIFO, &above_knell);
  }
  ~FirstOfAll() {
    const sched_param none{};
    sched_setscheduler(0, SCHED_OTHER, &none);
  }
  FirstOfAll(const FirstOfAll&) = delete;
  FirstOfAll& operator=(const FirstOfAll&) = delete;
};

}  // namespace

std::uint64_t available_memory() {
  static const Result<live::Machine> machine = live::Machine::open();
  if (!machine) give_up("bench: open /proc");
  return machine->memory_available().value_or(0);
}

HogGroups::HogGroups()
    : memory_(make_group("cgroup", "memory")),
      freezer_(make_group("cgroup", "freezer")),
      v2_(make_group("cgroup2", "")) {
  const bool counted_in_v2 = v2_ && ::access((v2_->path() + "/memory.current").c_str(), R_OK) == 0;
  if (!memory_ && counted_in_v2) memory_ = v2_;
}

HogGroups::~HogGroups() {
  for (const auto& group : {memory_, freezer_, v2_})
    if (group && group->exists()) remove_group(group);
}

void HogGroups::enter() const {
  for (const auto& group : {memory_, freezer_, v2_})
    if (group && !group->add(Pid(0))) give_up("bench: enter a control group");
}

std::uint64_t HogGroups::used() const {
  if (memory_ && memory_->version() == Cgroup::Version::v1)
    return number_in(memory_->path() + "/memory.usage_in_bytes");
  if (memory_) return number_in(memory_->path() + "/memory.current");
  return kWholeMachine - available_memory();
}

Hog::Hog(const HogGroups& groups, std::uint64_t bytes, Plight plight)
    : groups_(groups), bytes_(bytes), plight_(plight) {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) give_up("bench: pipe");
  pid_ = start([&] {
    groups.enter();
    hold(bytes);
    if (plight == Plight::starved && ::setpriority(PRIO_PROCESS, 0, kNice) != 0)
      give_up("bench: setpriority");
    ::close(ready[0]);
    if (::write(ready[1], "", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  });
  ::close(ready[1]);
  char told = 0;
  if (::read(ready[0], &told, 1) != 1) give_up("bench: the hog");
  ::close(ready[0]);
  if (plight == Plight::frozen) {
    if (!groups.freezer()->freeze()) give_up("bench: freeze");
    while (!groups.freezer()->frozen().value_or(true)) std::this_thread::yield();
  }
  if (plight == Plight::starved)
    for (unsigned cpu = 0; cpu < std::thread::hardware_concurrency(); ++cpu)
      busy_.push_back(start([cpu] {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        ::sched_setaffinity(0, sizeof set, &set);
        for (volatile bool always = true; always;) {
        }
      }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // it sleeps, they run
  used_ = groups.used();
}

Hog::~Hog() {
  for (pid_t each : busy_) end(each);
  if (plight_ == Plight::frozen) static_cast<void>(groups_.freezer()->thaw());
  end(pid_);
}

bool Hog::is_back(std::chrono::milliseconds within) const {
  const FirstOfAll before_all;
  const auto until = std::chrono::steady_clock::now() + within;
  const std::uint64_t wanted = used_ - std::min(used_, bytes_ / 100 * 95);
  while (groups_.used() > wanted) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

}  // namespace knell::bench
