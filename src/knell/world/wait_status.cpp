#include "knell/world/wait_status.hpp"

namespace knell {

std::string WaitStatus::text() const {
  if (!by_signal()) return "exit status " + std::to_string(code());
  return "killed by " + signal().name() + (dumped_core() ? ", core dumped" : "");
}

}  // namespace knell
