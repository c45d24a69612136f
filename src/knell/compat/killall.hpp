#pragma once

#include "knell/report/manual.hpp"

namespace knell::compat {

[[nodiscard]] int run_killall(int argc, char** argv);
[[nodiscard]] report::Manual killall_manual();

}  // namespace knell::compat
