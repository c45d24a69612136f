#pragma once

/// pgrep, pkill and pidwait: one way to choose, and three things to do with what was chosen.

#include "knell/report/manual.hpp"

namespace knell::compat {

[[nodiscard]] int run_pgrep(int argc, char** argv);
[[nodiscard]] int run_pkill(int argc, char** argv);
[[nodiscard]] int run_pidwait(int argc, char** argv);
[[nodiscard]] report::Manual pgrep_manual();
[[nodiscard]] report::Manual pkill_manual();
[[nodiscard]] report::Manual pidwait_manual();

}  // namespace knell::compat
