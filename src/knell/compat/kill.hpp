#pragma once

#include "knell/report/manual.hpp"

namespace knell::compat {

[[nodiscard]] int run_kill(int argc, char** argv);
[[nodiscard]] report::Manual kill_manual();

}  // namespace knell::compat
