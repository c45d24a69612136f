#include "knell/compat/kill.hpp"

namespace knell::compat {

int run_kill(int, char**) {
  return 1;
}

report::Manual kill_manual() {
  return {};
}

}  // namespace knell::compat
