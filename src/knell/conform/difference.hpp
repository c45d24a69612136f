#pragma once

/// What is done about a scenario in which Linux and the World differ: it is made short, and told.

#include <string>

#include "knell/conform/comparison.hpp"

namespace knell::conform {

/// The shortest script that still differs. Reality may take another order the next time, so a
/// script counts as one that does not differ only if it did not several times.
[[nodiscard]] Compared shortest(const Compared& differing, const Realities& realities);

/// The script with the differences in its story: to be read, and replayed.
[[nodiscard]] std::string report(const Compared& differing);

}  // namespace knell::conform
