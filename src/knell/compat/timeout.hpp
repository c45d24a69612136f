#pragma once

#include "knell/report/manual.hpp"

namespace knell::compat {

[[nodiscard]] int run_timeout(int argc, char** argv);
[[nodiscard]] report::Manual timeout_manual();

}  // namespace knell::compat
