#include "knell/compat/killall.hpp"

namespace knell::compat {

int run_killall(int, char**) {
  return 1;
}

report::Manual killall_manual() {
  return {};
}

}  // namespace knell::compat
