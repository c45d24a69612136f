#include "support/eventually.hpp"

#include <thread>

namespace knell::test {

bool eventually(const std::function<bool()>& condition, std::chrono::seconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return condition();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace knell::test
