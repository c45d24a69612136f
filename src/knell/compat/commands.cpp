#include "knell/compat/commands.hpp"

#include <algorithm>
#include <array>

#include "knell/compat/kill.hpp"
#include "knell/compat/killall.hpp"
#include "knell/compat/pgrep.hpp"
#include "knell/compat/timeout.hpp"

namespace knell::compat {
namespace {

constexpr std::array kCommands{
    Command{"kill", run_kill, kill_manual},
    Command{"killall", run_killall, killall_manual},
    Command{"pgrep", run_pgrep, pgrep_manual},
    Command{"pkill", run_pkill, pkill_manual},
    Command{"pidwait", run_pidwait, pidwait_manual},
    Command{"timeout", run_timeout, timeout_manual},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* find(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  return found == kCommands.end() ? nullptr : &*found;
}

}  // namespace knell::compat
