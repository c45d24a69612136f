#include "knell/supervise/inherited.hpp"

namespace knell::supervise {
namespace {

void set_action(int signal, bool ignore) {
  struct sigaction action{};
  action.sa_handler = ignore ? SIG_IGN : SIG_DFL;
  ::sigaction(signal, &action, nullptr);  // fails for KILL, STOP and glibc's own two
}

}  // namespace

Inherited Inherited::now() {
  Inherited inherited;
  ::sigprocmask(SIG_SETMASK, nullptr, &inherited.mask_);
  for (int number = 1; number <= Signal::kLast; ++number) {
    struct sigaction action{};
    if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      inherited.ignored_.add(Signal(number));
  }
  return inherited;
}

void Inherited::restore() const {
  for (int number = 1; number <= Signal::kLast; ++number)
    set_action(number, ignored_.has(Signal(number)));
  ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
}

void Inherited::reset() {
  for (int number = 1; number <= Signal::kLast; ++number) set_action(number, false);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace knell::supervise
