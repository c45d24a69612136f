#pragma once

/// systemd's units, as far as cgroups and unit files tell of them: no D-Bus, no systemctl.

#include <span>
#include <string>
#include <vector>

#include "knell/live/machine.hpp"
#include "knell/world/error.hpp"
#include "knell/world/world.hpp"

namespace knell::live {

/// The units that own these cgroups, each once: of a path the innermost component that ends in
/// ".service" or ".scope". Below user@UID.service it is that user's manager's unit, with unit files
/// of its own; below any other unit it is another machine's (a container's): its files are not
/// ours to read, so it has a name and nothing else.
///
/// A unit without a file has `restart` "no". A socket, timer or path unit is in `triggered_by` if
/// its own file is there and something pulls it in: it is linked in a .wants or .requires folder
/// (systemctl(1), "enable"). Whether it is running now only systemd could say.
[[nodiscard]] std::vector<SystemdUnit> units_of(const Roots& roots,
                                                std::span<const std::string> cgroups);

/// The cgroup of a unit, as a path from `cgroup_root`: of all directories with its name the least
/// deep, so that the machine's own unit comes before a user's or a container's. Looks eight deep.
[[nodiscard]] Result<std::string> unit_cgroup(const std::string& cgroup_root,
                                              const std::string& unit);

}  // namespace knell::live
