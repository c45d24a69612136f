#pragma once

/// The puppets' program, which this one carries inside.

#include <cstddef>
#include <span>

#include "knell/world/error.hpp"

namespace knell::conform {

/// The executable's bytes; none where there is no puppet for the machine that this was built for.
[[nodiscard]] std::span<const std::byte> puppet_program();

/// A descriptor from which it can be executed, by any user. It stays open as long as this process.
[[nodiscard]] Result<int> executable_puppet();

}  // namespace knell::conform
