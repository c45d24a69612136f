/// Those that are not who they were: another user, another program.

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <string>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

constexpr uid_t kUsers = 54330;  // numbers that nobody has

void become(uid_t user) {
  if (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
      ::setresuid(user, user, user) != 0)
    give_up("change user");
}

void live_as_others(const Life& life) {
  const Muster muster;
  for (uid_t i = 1; i <= 2; ++i)
    start([&] {
      become(kUsers + i);
      muster.here();
      life.rest();
    });
  muster.wait_for(2);
  become(kUsers);
  life.stands(::getpid());
  life.rest();
}

/// Runs its own program again and again, in the same process: two of them.
void live_executing(const Life& life) {
  if (life.terms().ready >= 0) {
    life.stands(::getpid());
    ::fork();
  }
  nap(1);
  if (life.over()) ::_exit(0);
  const std::string until = std::to_string(life.terms().until);
  const std::array<const char*, 8> words{"knell-zoo", "--bare",      "executing", "--ready=-1",
                                         "--until",   until.c_str(), nullptr,     nullptr};
  ::execv("/proc/self/exe", const_cast<char**>(words.data()));
  give_up("run itself");
}

}  // namespace

std::vector<Animal> changing() {
  return {{.name = "changing-user",
           .what = "started by root; it and two children have become three other users",
           .must = "all three are gone",
           .live = live_as_others,
           .who = Who::only_root},
          {.name = "executing",
           .what = "a process and its child that exec themselves every millisecond",
           .must = "both are gone",
           .live = live_executing}};
}

}  // namespace knell::zoo
