/// Those with so much memory that it takes them long to end.

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

constexpr std::uint64_t kMebibytes = 2048;

void hold(std::uint64_t mebibytes) {
  const std::size_t size = mebibytes << 20;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) give_up("get memory");
  ::madvise(memory, size, MADV_NOHUGEPAGE);  // the slowest to give back
  for (std::size_t at = 0; at < size; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
}

/// 56 parts of 1024 + 56 beside a process of the same session that is not nice: sched(7), and
/// sched_prio_to_weight of kernel/sched/core.c.
void be_starved() {
  share_one_cpu();
  if (::setpriority(PRIO_PROCESS, 0, 13) != 0) give_up("be nice");
}

void live_starved(const Life& life) {
  hold(life.count());
  be_starved();
  life.stands(::getpid());
  life.rest();
}

void live_dumping(const Life& life) {
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_CORE, &limit) != 0) give_up("allow a core dump");
  if (::chdir(life.terms().place.c_str()) != 0) give_up("change directory");
  hold(life.count());
  be_starved();
  life.stands(::getpid());
  life.await_go();
  ::abort();
}

}  // namespace

std::vector<Animal> heavy() {
  return {{.name = "starved",
           .what = "2 GiB of memory, and 5 % of a CPU to give them back with",
           .must = "it is gone",
           .live = live_starved,
           .enclosure = Enclosure::starved,
           .count = kMebibytes,
           .takes_long = true},
          {.name = "dumping-core",
           .what = "in the middle of dumping 2 GiB of core, with 5 % of a CPU",
           .must = "it is gone, before the core is complete",
           .live = live_dumping,
           .enclosure = Enclosure::starved,
           .sign = Sign::dumping,
           .count = kMebibytes,
           .takes_long = true}};
}

}  // namespace knell::zoo
