#include "knell/compat/pgrep.hpp"

namespace knell::compat {

int run_pgrep(int, char**) {
  return 1;
}

report::Manual pgrep_manual() {
  return {};
}

int run_pkill(int, char**) {
  return 1;
}

report::Manual pkill_manual() {
  return {};
}

int run_pidwait(int, char**) {
  return 1;
}

report::Manual pidwait_manual() {
  return {};
}

}  // namespace knell::compat
