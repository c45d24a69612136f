/// Daemons: started by fork, setsid and fork again, so that nothing in the process table leads back
/// to who started them; without files, environment and name in common with it.

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <string>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

constexpr int kDaemons = 3;

void leave_everything(const Muster& muster) {
  if (::chdir("/") != 0) give_up("change directory");
  ::prctl(PR_SET_NAME, "unrelated");
  show_arguments("/usr/sbin/unrelated");
  muster.here();
  ::close_range(0, ~0U, 0);
}

/// Waits until `kDaemons` stand that each do this.
template <typename Do>
void live_with_daemons(const Life& life, const Do& as_daemon) {
  const Muster muster;
  for (int i = 0; i < kDaemons; ++i) start_stray([&] { as_daemon(muster); });
  muster.wait_for(kDaemons);
  life.stands(::getpid());
  life.rest();
}

void live_with_forked_daemons(const Life& life) {
  live_with_daemons(life, [&](const Muster& muster) {
    leave_everything(muster);
    life.rest();
  });
}

void live_with_new_programs(const Life& life) {
  live_with_daemons(life, [&](const Muster& muster) {
    const std::string ready = std::to_string(muster.fd());
    const std::string until = std::to_string(life.terms().until);
    const std::array<const char*, 9> words{
        "/usr/sbin/unrelated", "--bare",           "plain", "--ready", ready.c_str(), "--until",
        until.c_str(),         "--comm=unrelated", nullptr};
    const std::array<char*, 1> nothing{nullptr};
    ::execve("/proc/self/exe", const_cast<char**>(words.data()), nothing.data());
    give_up("run itself");
  });
}

}  // namespace

std::vector<Animal> straying() {
  return {{.name = "daemons",
           .what = "starts 3 daemons: sessions, names, files of their own, no environment",
           .must = "it and the daemons are gone",
           .live = live_with_forked_daemons},
          {.name = "daemons-exec",
           .what = "as daemons, by exec with an empty environment; a cgroup holds them together",
           .must = "it and the daemons are gone",
           .live = live_with_new_programs,
           .enclosure = Enclosure::group}};
}

}  // namespace knell::zoo
