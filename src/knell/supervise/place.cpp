#include "knell/supervise/place.hpp"

#include <sys/wait.h>

#include <cerrno>
#include <csignal>

namespace knell::supervise {

void Place::send(Signal signal) {
  ::kill(child_, signal.number());  // a child that was not waited for: its number is its own
}

pid_t Place::wait_for_any(int& word) {
  pid_t changed = 0;
  do changed = ::waitpid(-1, &word, WNOHANG | WUNTRACED | __WALL);
  while (changed < 0 && errno == EINTR);
  deserted_ = changed < 0;
  return changed > 0 ? changed : 0;
}

std::vector<Change> Place::changes() {
  std::vector<Change> found;
  int word = 0;
  while (const pid_t changed = wait_for_any(word))
    if (changed == child_) found.push_back({word});
  return found;
}

}  // namespace knell::supervise
