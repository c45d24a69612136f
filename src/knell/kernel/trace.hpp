#pragma once

/// Which functions of the kernel a task goes through, for those who want to see it.

#include "knell/kernel/kernel.hpp"

namespace knell::kernel {

/// Notes that `task` is in a function of Linux, for as long as it lives.
class Function {
public:
  Function(Kernel& kernel, std::string_view name, TaskIndex task) : kernel_(kernel) {
    if (!kernel.steps) return;
    kernel.note({Event::Kind::function, task, {}, {}, kernel.depth, name});
    ++kernel.depth;
  }
  ~Function() {
    if (kernel_.steps) --kernel_.depth;
  }
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

private:
  Kernel& kernel_;
};

}  // namespace knell::kernel
