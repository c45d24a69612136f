#pragma once

/// Where Android would write to its log: the room prints nothing, it calls who wants to know.

#include <cstdint>
#include <functional>
#include <string>

namespace knell::android {

/// The levels of Android's log that are used here (`adb logcat` shows V, I, W, E).
enum class Level : std::uint8_t { verbose, info, warning, error };

/// Called by whoever calls into the room, in its thread. Empty: nobody wants to know.
using Log = std::function<void(Level, const std::string&)>;

}  // namespace knell::android
