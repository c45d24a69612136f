#pragma once

/// A failing script made as short as it can be.

#include <cstddef>
#include <functional>
#include <optional>

#include "knell/script/script.hpp"

namespace knell::conform {

/// Runs a script. None: it does not fail. Otherwise that part of it that was carried out and still
/// fails: steps that could not be taken are left out, and what comes behind the failure.
using Fails = std::function<std::optional<script::Script>(const script::Script& script)>;

/// Takes away steps as long as the rest still fails (Zeller's ddmin: halves, quarters, …, single
/// ones), until no single step can be spared or `tries` are used up.
[[nodiscard]] script::Script shrink(script::Script failing, const Fails& fails,
                                    std::size_t tries = 1000);

}  // namespace knell::conform
