#include "herd.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace knell::bench {

Herd::Herd(std::size_t size, const char* name) {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) std::abort();
  for (std::size_t i = 0; i < size; ++i) {
    const pid_t child = ::fork();
    if (child < 0) {
      std::perror("bench: fork");
      std::exit(1);
    }
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::prctl(PR_SET_NAME, name);
      ::close(ready[0]);
      ::close(ready[1]);  // the last to close it tells that all stand
      for (;;) ::pause();
    }
    pids_.push_back(child);
  }
  ::close(ready[1]);
  char none = 0;
  while (::read(ready[0], &none, 1) > 0) {
  }
  ::close(ready[0]);
}

void Herd::wait_for_all() {
  for (pid_t child : pids_) ::waitpid(child, nullptr, 0);
  pids_.clear();
}

Herd::~Herd() {
  for (pid_t child : pids_) ::kill(child, SIGKILL);  // children, not waited for: still theirs
  wait_for_all();
}

}  // namespace knell::bench
